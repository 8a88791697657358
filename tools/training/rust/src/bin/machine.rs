//! An emulator of an 8-bit processor with flags, running a sort and a multiplication.
struct Cpu {
    a: u8,
    x: u8,
    y: u8,
    carry: bool,
    zero: bool,
    negative: bool,
    pc: u16,
    memory: [u8; 4096],
    cycles: u64,
}

impl Cpu {
    fn fetch(&mut self) -> u8 {
        let byte = self.memory[self.pc as usize & 4095];
        self.pc = self.pc.wrapping_add(1);
        byte
    }

    fn flags(&mut self, value: u8) -> u8 {
        self.zero = value == 0;
        self.negative = value & 0x80 != 0;
        value
    }

    fn branch(&mut self, condition: bool) {
        let offset = self.fetch() as i8;
        if condition {
            self.pc = self.pc.wrapping_add_signed(offset.into());
            self.cycles += 1;
        }
    }

    fn compare(&mut self, left: u8, right: u8) {
        self.carry = left >= right;
        self.flags(left.wrapping_sub(right));
    }

    fn step(&mut self) -> bool {
        self.cycles += 2;
        let op = self.fetch();
        match op {
            0xA9 => {
                let value = self.fetch();
                self.a = self.flags(value);
            }
            0xA2 => {
                let value = self.fetch();
                self.x = self.flags(value);
            }
            0xB5 => {
                let at = self.fetch().wrapping_add(self.x);
                self.a = self.flags(self.memory[at as usize]);
            }
            0x95 => {
                let at = self.fetch().wrapping_add(self.x);
                self.memory[at as usize] = self.a;
            }
            0xB4 => {
                let at = self.fetch().wrapping_add(self.x);
                self.y = self.flags(self.memory[at as usize]);
            }
            0x94 => {
                let at = self.fetch().wrapping_add(self.x);
                self.memory[at as usize] = self.y;
            }
            0xD5 => {
                let at = self.fetch().wrapping_add(self.x);
                self.compare(self.a, self.memory[at as usize]);
            }
            0x69 => {
                let sum = self.a as u16 + self.fetch() as u16 + self.carry as u16;
                self.carry = sum > 255;
                self.a = self.flags(sum as u8);
            }
            0x75 => {
                let at = self.fetch().wrapping_add(self.x);
                let sum = self.a as u16 + self.memory[at as usize] as u16 + self.carry as u16;
                self.carry = sum > 255;
                self.a = self.flags(sum as u8);
            }
            0x4A => {
                self.carry = self.a & 1 != 0;
                self.a = self.flags(self.a >> 1);
            }
            0x49 => {
                let value = self.fetch();
                self.a = self.flags(self.a ^ value);
            }
            0xE8 => self.x = self.flags(self.x.wrapping_add(1)),
            0xCA => self.x = self.flags(self.x.wrapping_sub(1)),
            0xC8 => self.y = self.flags(self.y.wrapping_add(1)),
            0x88 => self.y = self.flags(self.y.wrapping_sub(1)),
            0xE0 => {
                let value = self.fetch();
                self.compare(self.x, value);
            }
            0x18 => self.carry = false,
            0x90 => self.branch(!self.carry),
            0xB0 => self.branch(self.carry),
            0xD0 => self.branch(!self.zero),
            0xF0 => self.branch(self.zero),
            0x30 => self.branch(self.negative),
            0x10 => self.branch(!self.negative),
            _ => return false,
        }
        true
    }
}

fn main() {
    let mut cpu = Cpu {
        a: 0, x: 0, y: 0, carry: false, zero: false, negative: false, pc: 0x200, memory: [0; 4096], cycles: 0,
    };
    // One pass of a bubble sort over the zero page, then a checksum.
    let program = [
        0xA2, 0, 0xB5, 0x10, 0xD5, 0x11, 0x90, 6, 0xB4, 0x11, 0x94, 0x10, 0x95, 0x11, 0xE8, 0xE0, 100, 0xD0, 0xEF,
        0xA9, 0, 0xA2, 0, 0x18, 0x75, 0x10, 0x49, 0x5A, 0x4A, 0xE8, 0xE0, 100, 0xD0, 0xF5, 0,
    ];
    cpu.memory[0x200..0x200 + program.len()].copy_from_slice(&program);
    for i in 0..101usize {
        cpu.memory[0x10 + i] = (i * 73 % 251) as u8;
    }
    let mut check = 0u32;
    for _ in 0..130 {
        cpu.pc = 0x200;
        while cpu.step() {}
        check = check.wrapping_mul(31).wrapping_add(cpu.a.into());
    }
    println!("{check} {}", cpu.cycles);
}
