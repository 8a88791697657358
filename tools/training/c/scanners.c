/* Scanners written as a switch over states: numbers of all kinds, fields with quotes, dates, addresses, formats. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum number { NOTHING, SIGN, WHOLE, POINT, FRACTION, MARK, MARK_SIGN, POWER, WRONG, KINDS };
static uint32_t entered[KINDS], ended[KINDS];

static int is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static enum number number(const uint8_t **at, uint8_t end) {
    const uint8_t *s = *at;
    enum number state = NOTHING;
    for (; *s && *s != end && state != WRONG; s++) {
        uint8_t c = *s;
        switch (state) {
        case NOTHING:
            if (is_digit(c)) state = WHOLE;
            else if (c == '+' || c == '-') state = SIGN;
            else if (c == '.') state = POINT;
            else state = WRONG;
            break;
        case SIGN: state = is_digit(c) ? WHOLE : c == '.' ? POINT : WRONG; break;
        case WHOLE:
            if (c == '.') state = FRACTION;
            else if ((c | 32) == 'e') state = MARK;
            else if (!is_digit(c)) state = WRONG;
            break;
        case POINT: state = is_digit(c) ? FRACTION : WRONG; break;
        case FRACTION:
            if ((c | 32) == 'e') state = MARK;
            else if (!is_digit(c)) state = WRONG;
            break;
        case MARK:
            if (c == '-' || c == '+') state = MARK_SIGN;
            else state = is_digit(c) ? POWER : WRONG;
            break;
        case MARK_SIGN:
        case POWER: state = is_digit(c) ? POWER : WRONG; break;
        default: break;
        }
        entered[state]++;
    }
    while (*s && *s != end) s++;
    *at = *s ? s + 1 : s;
    return state;
}

static int fields(const char *s, char *out) {
    enum { FRESH, PLAIN, QUOTED, AFTER } state = FRESH;
    int count = 0;
    for (; *s; s++) {
        switch (state) {
        case FRESH: if (*s == '"') { state = QUOTED; break; } state = PLAIN; /* fall through */
        case PLAIN: if (*s == ',' || *s == '\n') count++, *out++ = 0, state = FRESH; else *out++ = *s; break;
        case QUOTED: if (*s == '"') state = AFTER; else *out++ = *s; break;
        case AFTER:
            if (*s == '"') *out++ = '"', state = QUOTED;
            else if (*s == ',' || *s == '\n') count++, *out++ = 0, state = FRESH;
            else count += 100;
            break;
        }
    }
    return count;
}

static int64_t date(const char **at) {
    int part[6] = {0}, i = 0;
    const char *s = *at;
    for (; *s && *s != ';'; s++) {
        if (*s >= '0' && *s <= '9') part[i] = part[i] * 10 + *s - '0';
        else if (*s == '-' || *s == ':' || *s == 'T') { if (++i > 5) break; }
        else return -1;
    }
    *at = *s ? s + 1 : s;
    int leap = part[0] % 4 == 0 && (part[0] % 100 != 0 || part[0] % 400 == 0);
    int64_t days = part[0] * 365 + part[0] / 4 + (part[1] * 306 + 5) / 10 + part[2] + leap;
    return ((days * 24 + part[3]) * 60 + part[4]) * 60 + part[5];
}

static uint32_t address(const char *s, int *bad) {
    uint32_t all = 0, part = 0;
    int digits = 0, dots = 0;
    for (;; s++) {
        if (*s >= '0' && *s <= '9' && digits < 3) part = part * 10 + *s - '0', digits++;
        else if ((*s == '.' && dots < 3 || !*s && dots == 3) && digits && part < 256) {
            all = all << 8 | part;
            part = digits = 0;
            if (!*s) return all;
            dots++;
        } else { ++*bad; return 0; }
    }
}

static uint32_t hex(const char *s) {
    uint32_t value = 0;
    for (; *s; s++) {
        unsigned c = *s, digit = c - '0' < 10 ? c - '0' : (c | 32) - 'a' < 6 ? (c | 32) - 'a' + 10 : 16;
        if (digit == 16) continue;
        value = value << 4 | digit;
    }
    return value;
}

static int format(const char *f) {
    int flags = 0, width = 0, kinds = 0;
    enum { TEXT, FLAGS, WIDTH, PRECISION } state = TEXT;
    for (; *f; f++) {
        switch (state) {
        case TEXT: if (*f == '%') state = FLAGS, flags = width = 0; break;
        case FLAGS:
            if (*f == '-') flags |= 1; else if (*f == '0') flags |= 2; else if (*f == '#') flags |= 4;
            else { state = WIDTH; f--; }
            break;
        case WIDTH:
            if (is_digit(*f)) { width = width * 10 + *f - '0'; break; }
            if (*f == '.') { state = PRECISION; break; }
            /* fall through */
        case PRECISION:
            if (is_digit(*f)) break;
            switch (*f) {
            case 'd': case 'u': case 'i': kinds += 1 + width; break;
            case 'x': case 'X': kinds += 3 + flags; break;
            case 's': kinds += 5; break;
            case 'c': kinds += 7; break;
            case '%': kinds += 9; break;
            default: kinds -= 1;
            }
            state = TEXT;
        }
    }
    return kinds;
}

int main(void) {
    static const char numbers[] = "17,-4.25e3,.5,+12,7e,9.1e-10,1x,--3,0.0001,31415926,e5,+.e1,2.5e+08,-,88.25,6E7,12a4,.,";
    static const char table[] = "name,\"a, b\",3\nother,\"say \"\"no\"\"\",4\nlast,plain text,5\n\"x\",,\n";
    static const char dates[] = "2024-02-29T12:30:05;1999-12-31T23:59:59;2000-01-01T00:00:00;1970-01-01;";
    char out[200];
    int64_t sum = 0;
    int bad = 0;
    for (int round = 0; round < 1200; round++) {
        const uint8_t *n = (const uint8_t *)numbers;
        while (*n) ended[number(&n, ',')]++;
        sum += fields(table, out) + out[round % 40];
        for (const char *d = dates; *d;) sum += date(&d);
        sum += address("192.168.17.254", &bad) ^ address("10.0.0.1", &bad) ^ address("1.2.3", &bad);
        sum ^= hex("dead-BEEF") + hex("12:34:56:78");
        sum += format("%5d %-08x|%s %c%% %.3u and %#X %q");
    }
    for (int i = 0; i < KINDS; i++) printf("%u %u ", entered[i], ended[i]);
    printf("%lld %d\n", (long long)sum, bad);
    return 0;
}
