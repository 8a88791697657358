	.file	"add.c"
	.functype	add (i32, i32) -> (i32)
	.functype	factorial (i32) -> (i64)
	.section	.text.add,"",@
	.hidden	add                             # -- Begin function add
	.globl	add
	.type	add,@function
add:                                    # @add
	.functype	add (i32, i32) -> (i32)
# %bb.0:                                # %entry
	local.get	1
	local.get	0
	i32.add 
                                        # fallthrough-return
	end_function
                                        # -- End function
	.section	.text.factorial,"",@
	.hidden	factorial                       # -- Begin function factorial
	.globl	factorial
	.type	factorial,@function
factorial:                              # @factorial
	.functype	factorial (i32) -> (i64)
	.local  	i32, i64, i64
# %bb.0:                                # %entry
	block   	
	local.get	0
	br_if   	0                               # 0: down to label0
# %bb.1:
	i64.const	1
	return
.LBB1_2:                                # %cond.true.preheader
	end_block                               # label0:
	local.get	0
	i32.const	7
	i32.and 
	local.set	1
	local.get	0
	i64.extend_i32_u
	local.set	2
	i64.const	1
	local.set	3
	block   	
	block   	
	local.get	0
	i32.const	8
	i32.lt_u
	br_if   	0                               # 0: down to label2
# %bb.3:                                # %cond.true.preheader.new
	local.get	0
	i32.const	-8
	i32.and 
	local.set	0
	i64.const	1
	local.set	3
.LBB1_4:                                # %cond.true
                                        # =>This Inner Loop Header: Depth=1
	loop    	                                # label3:
	local.get	3
	local.get	2
	i64.mul 
	local.get	2
	i64.const	-1
	i64.add 
	i64.mul 
	local.get	2
	i64.const	-2
	i64.add 
	i64.mul 
	local.get	2
	i64.const	-3
	i64.add 
	i64.mul 
	local.get	2
	i64.const	-4
	i64.add 
	i64.mul 
	local.get	2
	i64.const	-5
	i64.add 
	i64.mul 
	local.get	2
	i64.const	-6
	i64.add 
	i64.mul 
	local.get	2
	i64.const	-7
	i64.add 
	i64.mul 
	local.set	3
	local.get	2
	i64.const	-8
	i64.add 
	local.set	2
	local.get	0
	i32.const	-8
	i32.add 
	local.tee	0
	br_if   	0                               # 0: up to label3
# %bb.5:                                # %cond.end.loopexit.unr-lcssa
	end_loop
	local.get	1
	i32.eqz
	br_if   	1                               # 1: down to label1
.LBB1_6:                                # %cond.true.epil.preheader
	end_block                               # label2:
.LBB1_7:                                # %cond.true.epil
                                        # =>This Inner Loop Header: Depth=1
	loop    	                                # label4:
	local.get	3
	local.get	2
	i64.mul 
	local.set	3
	local.get	2
	i64.const	-1
	i64.add 
	local.set	2
	local.get	1
	i32.const	-1
	i32.add 
	local.tee	1
	br_if   	0                               # 0: up to label4
.LBB1_8:                                # %cond.end
	end_loop
	end_block                               # label1:
	local.get	3
                                        # fallthrough-return
	end_function
                                        # -- End function
	.ident	"clang version 22.1.0 (https://codeberg.org/YoWASP/llvm-project 9560ae0f2cc440e4fc891fddbc119da6f56daa59)"
	.section	.custom_section.producers,"",@
	.int8	1
	.int8	12
	.ascii	"processed-by"
	.int8	1
	.int8	5
	.ascii	"clang"
	.int8	90
	.ascii	"22.1.0 (https://codeberg.org/YoWASP/llvm-project 9560ae0f2cc440e4fc891fddbc119da6f56daa59)"
	.section	.text.factorial,"",@
	.section	.custom_section.target_features,"",@
	.int8	8
	.int8	43
	.int8	11
	.ascii	"bulk-memory"
	.int8	43
	.int8	15
	.ascii	"bulk-memory-opt"
	.int8	43
	.int8	22
	.ascii	"call-indirect-overlong"
	.int8	43
	.int8	10
	.ascii	"multivalue"
	.int8	43
	.int8	15
	.ascii	"mutable-globals"
	.int8	43
	.int8	19
	.ascii	"nontrapping-fptoint"
	.int8	43
	.int8	15
	.ascii	"reference-types"
	.int8	43
	.int8	8
	.ascii	"sign-ext"
	.section	.text.factorial,"",@
