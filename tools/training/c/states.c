/* State machines: a table-driven scanner, a switch in a loop, a protocol with function pointers, UTF-8. */
#include <stdio.h>
#include <string.h>

enum { START, WORD, NUM, SPACE, COMMENT, QUOTE, STATES };
static unsigned char next_state[STATES][128], class_of[128];

static void build(void) {
    for (int s = 0; s < STATES; s++)
        for (int c = 0; c < 128; c++) {
            int to = START;
            if ((c | 32) >= 'a' && (c | 32) <= 'z') to = WORD;
            else if (c >= '0' && c <= '9') to = s == WORD ? WORD : NUM;
            else if (c == ' ' || c == '\n') to = SPACE;
            else if (c == '#') to = COMMENT;
            else if (c == '"') to = QUOTE;
            if (s == COMMENT && c != '\n') to = COMMENT;
            if (s == QUOTE && c != '"') to = QUOTE;
            else if (s == QUOTE) to = START;
            next_state[s][c] = to;
        }
}

struct machine;
typedef void handler(struct machine *, unsigned char);
struct machine {
    handler *state;
    unsigned length, check, frames, errors;
};
static handler idle, size_, body, check_;
static void idle(struct machine *m, unsigned char b) { if (b == 0x7E) m->state = size_, m->check = 0; }
static void size_(struct machine *m, unsigned char b) { m->length = b & 31; m->state = b & 31 ? body : check_; }
static void body(struct machine *m, unsigned char b) {
    m->check = (m->check << 1 | m->check >> 7) ^ b;
    m->check &= 255;
    if (--m->length == 0) m->state = check_;
}
static void check_(struct machine *m, unsigned char b) {
    if ((b & 3) == (m->check & 3)) m->frames++;
    else m->errors++;
    m->state = idle;
}

static int decode(const unsigned char *s, const unsigned char *end) {
    int points = 0;
    while (s < end) {
        unsigned c = *s++, more;
        if (c < 0x80) { points++; continue; }
        if (c >= 0xC2 && c < 0xE0) more = 1, c &= 31;
        else if (c >= 0xE0 && c < 0xF0) more = 2, c &= 15;
        else if (c >= 0xF0 && c < 0xF5) more = 3, c &= 7;
        else continue;
        while (more-- && s < end) {
            if ((*s & 0xC0) != 0x80) goto bad;
            c = c << 6 | (*s++ & 63);
        }
        points += c > 0x7F && c < 0x110000;
    bad:;
    }
    return points;
}

static int switch_machine(const char *s) {
    int state = 0, depth = 0, count = 0;
    for (;; s++) {
        switch (state) {
        case 0:
            switch (*s) {
            case 0: return count;
            case '(': case '[': case '{': depth++; break;
            case ')': case ']': case '}': depth--; count++; break;
            case '\'': case '"': state = 1; break;
            case '/': state = s[1] == '*' ? 2 : 0; break;
            case '0' ... '9': state = 4; break;
            default: if (*s > ' ') count += depth & 1;
            }
            break;
        case 1: if (*s == '"' || *s == '\'') state = 0; else if (*s == '\\') state = 3; else if (!*s) return -1; break;
        case 2: if (*s == '*' && s[1] == '/') state = 0; else if (!*s) return -2; break;
        case 3: state = 1; break;
        case 4: if (*s < '0' || *s > '9') { count++; state = 0; s--; } break;
        }
    }
}

int main(void) {
    static char text[8001];
    static const char sample[] = "int f(x1, [y], {z}) { a = \"s\\\"tr\" + 123 * b4; } # comment ( here\n/* more (1) */ ";
    for (int i = 0; i < 8000; i++) text[i] = sample[i % (sizeof sample - 1)];
    text[7990] = text[7989] = '/';
    build();
    int counts[STATES] = {0}, total = 0;
    struct machine m = {idle, 0, 0, 0, 0};
    static unsigned char bytes[8000];
    unsigned seed = 9;
    for (int i = 0; i < 8000; i++) {
        seed = seed * 1103515245 + 12345;
        bytes[i] = i % 20 ? seed >> 16 : 0x7E;
    }
    for (int round = 0; round < 12; round++) {
        int state = START;
        for (const char *p = text; *p; p++) {
            int to = next_state[state][*p & 127];
            if (to != state) counts[to]++;
            state = to;
        }
        for (int i = 0; i < 8000; i++) m.state(&m, bytes[i]);
        total += decode(bytes, bytes + 8000) + switch_machine(text + round);
    }
    printf("%d %d %u %u %d\n", counts[WORD], counts[NUM], m.frames, m.errors, total);
}
