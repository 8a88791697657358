/* The formatted output and input of the C library, and conversions of our own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *to_text(long value, char *end, unsigned base) {
    unsigned long v = value < 0 ? -(unsigned long)value : value;
    *--end = 0;
    do *--end = "0123456789abcdef"[v % base];
    while (v /= base);
    if (value < 0) *--end = '-';
    return end;
}

int main(void) {
    char line[200], small[40];
    unsigned sum = 0;
    for (int i = 0; i < 2500; i++) {
        int n = snprintf(line, sizeof line, "%d %5u %-8s|%08x %c %ld %.3f %g", i, i * 7u, "ab", i * 31, 'a' + i % 26, i * 100003L, i / 7.0, i * 1e5);
        for (int j = 0; j < n; j++) sum = sum * 31 + line[j];
        int a;
        unsigned b;
        double d;
        char word[20];
        sum += sscanf(line, "%d %u %19s", &a, &b, word);
        d = strtod(line + n - 5, NULL);
        sum += a + b + (int)d + strtol(line, NULL, 10) + atoi(line + 3);
        sum += strlen(to_text(i * 12345L - 99, small + 40, 2 + i % 15));
    }
    printf("%u\n", sum);
}
