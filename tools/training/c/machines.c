/* Interpreters: a register machine with big switch, a Forth with function pointers, CHIP-8-like graphics. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct cpu {
    uint16_t r[8];
    uint8_t memory[1024];
    unsigned pc, flags;
};

static int step(struct cpu *c) {
    uint8_t op = c->memory[c->pc++], arg = c->memory[c->pc++];
    uint16_t *a = &c->r[op & 7], b = c->r[arg & 7];
    switch (op >> 3) {
    case 0: return 0;
    case 1: *a = arg; break;
    case 2: *a += b; break;
    case 3: *a -= b; break;
    case 4: *a &= b; break;
    case 5: *a = *a << 1 | *a >> 15; break;
    case 6: *a = c->memory[(b + 512) & 1023]; break;
    case 7: c->memory[(b + 512) & 1023] = *a; break;
    case 8: c->flags = *a == b ? 1 : *a < b ? 2 : 4; break;
    case 9: if (c->flags & (op & 7)) c->pc = arg; break;
    case 10: *a ^= arg; break;
    case 11: *a *= b; break;
    default: *a += (int8_t)arg;
    }
    return 1;
}

static int stack[32], *sp, accumulator;
typedef void word(void);
static void lit1(void) { *++sp = 1; }
static void lit7(void) { *++sp = 7; }
static void add(void) { sp--; *sp += sp[1]; }
static void mul(void) { sp--; *sp *= sp[1]; }
static void dup(void) { sp++; *sp = sp[-1]; }
static void swap(void) { int t = *sp; *sp = sp[-1]; sp[-1] = t; }
static void over(void) { sp++; *sp = sp[-2]; }
static void drop(void) { accumulator ^= *sp--; }
static void mask(void) { *sp &= 0xFFFF; }

struct chip {
    uint8_t v[16], screen[32][8], sprite[16];
    uint16_t i;
};

static void draw(struct chip *c, unsigned x, unsigned y, int n) {
    c->v[15] = 0;
    for (int row = 0; row < n; row++)
        for (int bit = 0; bit < 8; bit++)
            if (c->sprite[(c->i + row) & 15] & 0x80 >> bit) {
                unsigned px = (x + bit) & 63, py = (y + row) & 31;
                uint8_t *cell = &c->screen[py][px >> 3], m = 0x80 >> (px & 7);
                if (*cell & m) c->v[15] = 1;
                *cell ^= m;
            }
}

int main(void) {
    static struct cpu c;
    static const uint8_t program[] = {
        1 << 3 | 0, 0, 1 << 3 | 1, 1, 1 << 3 | 2, 250, 2 << 3 | 0, 1, 11 << 3 | 0, 1, 5 << 3 | 0, 0, 7 << 3 | 0, 1,
        6 << 3 | 3, 1, 10 << 3 | 3, 90, 2 << 3 | 0, 3, 12 << 3 | 1, 1, 8 << 3 | 1, 2, 9 << 3 | 2, 6, 0, 0};
    static struct chip chip;
    static word *const words[] = {lit7, dup, mul, lit1, add, over, swap, add, mul, mask, dup, drop, drop};
    memcpy(c.memory, program, sizeof program);
    unsigned steps = 0, hits = 0;
    for (int round = 0; round < 40; round++) {
        c.pc = 0;
        while (step(&c)) steps++;
    }
    sp = stack;
    for (int i = 0; i < 4000; i++) {
        *++sp = i;
        for (unsigned j = 0; j < sizeof words / sizeof *words; j++) words[j]();
        sp = stack;
    }
    for (int i = 0; i < 16; i++) chip.sprite[i] = i * 37;
    for (int i = 0; i < 1500; i++) {
        chip.i = i;
        draw(&chip, i * 7, i * 3, 1 + i % 8);
        hits += chip.v[15];
    }
    printf("%u %u %d %u\n", steps, c.r[0], accumulator, hits);
}
