//! A stack machine, a register machine and a Brainfuck machine.
#[derive(Clone, Copy)]
enum Op {
    Push(i64),
    Load(usize),
    Store(usize),
    Add,
    Sub,
    Mul,
    Less,
    JumpIfNot(usize),
    Jump(usize),
    Halt,
}

fn stack_machine(code: &[Op], locals: &mut [i64]) -> i64 {
    let mut stack = Vec::with_capacity(16);
    let mut at = 0;
    loop {
        let op = code[at];
        at += 1;
        match op {
            Op::Push(value) => stack.push(value),
            Op::Load(i) => stack.push(locals[i]),
            Op::Store(i) => locals[i] = stack.pop().unwrap(),
            Op::Add | Op::Sub | Op::Mul | Op::Less => {
                let (b, a): (i64, i64) = (stack.pop().unwrap(), stack.pop().unwrap());
                stack.push(match op {
                    Op::Add => a.wrapping_add(b),
                    Op::Sub => a.wrapping_sub(b),
                    Op::Mul => a.wrapping_mul(b),
                    _ => (a < b) as i64,
                });
            }
            Op::JumpIfNot(to) => {
                if stack.pop().unwrap() == 0 {
                    at = to;
                }
            }
            Op::Jump(to) => at = to,
            Op::Halt => return locals[0],
        }
    }
}

/// Instructions of four bytes: operation, result, two operands.
fn register_machine(code: &[u32]) -> u32 {
    let mut registers = [0u32; 16];
    let mut memory = vec![0u32; 256];
    let mut at = 0;
    loop {
        let word = code[at];
        at += 1;
        let (d, a, b) = ((word >> 16 & 15) as usize, (word >> 8 & 15) as usize, (word & 15) as usize);
        match word >> 24 {
            0 => registers[d] = word & 0xFFFF,
            1 => registers[d] = registers[a].wrapping_add(registers[b]),
            2 => registers[d] = registers[a].wrapping_sub(registers[b]),
            3 => registers[d] = registers[a].wrapping_mul(registers[b]),
            4 => registers[d] = registers[a] ^ registers[b] >> 3,
            5 => registers[d] = memory[registers[a] as usize & 255],
            6 => memory[registers[a] as usize & 255] = registers[d],
            7 if registers[d] != 0 => at = (word & 0xFFFF) as usize,
            7 => {}
            _ => return registers[1],
        }
    }
}

fn brainfuck(code: &[u8], out: &mut Vec<u8>) {
    let (mut tape, mut head, mut at) = (vec![0u8; 1000], 0, 0);
    let mut jumps = vec![0; code.len()];
    let mut open = Vec::new();
    for (i, &op) in code.iter().enumerate() {
        match op {
            b'[' => open.push(i),
            b']' => {
                let start = open.pop().unwrap();
                (jumps[start], jumps[i]) = (i, start);
            }
            _ => {}
        }
    }
    while at < code.len() {
        match code[at] {
            b'+' => tape[head] = tape[head].wrapping_add(1),
            b'-' => tape[head] = tape[head].wrapping_sub(1),
            b'>' => head += 1,
            b'<' => head -= 1,
            b'.' => out.push(tape[head]),
            b'[' if tape[head] == 0 => at = jumps[at],
            b']' if tape[head] != 0 => at = jumps[at],
            _ => {}
        }
        at += 1;
    }
}

fn main() {
    use Op::*;
    let code = [
        Push(0), Store(0), Push(0), Store(1), Load(1), Push(60_000), Less, JumpIfNot(18), Load(0), Load(1), Mul,
        Load(1), Add, Store(0), Load(1), Push(-1), Sub, Jump(19), Halt, Store(1), Jump(4),
    ];
    let words = [
        0x0001_0001, 0x0002_9C40, 0x0003_0001, 0x0101_0102, 0x0404_0102, 0x0301_0104, 0x0604_0200, 0x0505_0100,
        0x0101_0105, 0x0202_0203, 0x0702_0003, 0x0800_0000,
    ];
    let mut out = Vec::new();
    let program = b"++++++++[>+++++++++<-]>[<+>>++++[>+++++[>++++<-]<-]<-]<.>>>>[<+>-]<[>++<-]>.<<+++++[>++++++++++[>+<-]<-]>>.";
    for _ in 0..8 {
        brainfuck(program, &mut out);
    }
    println!("{} {} {out:?}", stack_machine(&code, &mut [0; 4]), register_machine(&words));
}
