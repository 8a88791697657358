/* Strings in the manner of C: copying, splitting, reversing, comparing, counting. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static char text[20000], copy[20000];

static int count_words(const char *s) {
    int inside = 0, words = 0;
    for (; *s; s++) {
        if (isspace((unsigned char)*s)) {
            inside = 0;
        } else if (!inside) {
            inside = 1;
            words++;
        }
    }
    return words;
}

static void reverse(char *s) {
    char *end = s + strlen(s);
    while (s < --end) {
        char c = *s;
        *s++ = *end;
        *end = c;
    }
}

static int match(const char *pattern, const char *s) {
    if (*pattern == 0) return *s == 0;
    if (*pattern == '*') return match(pattern + 1, s) || (*s && match(pattern, s + 1));
    return *s && (*pattern == '?' || *pattern == *s) && match(pattern + 1, s + 1);
}

int main(void) {
    static const char *words[] = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"};
    unsigned seed = 1, sum = 0;
    for (int round = 0; round < 30; round++) {
        text[0] = 0;
        char *at = text;
        while (at - text < 15000) {
            seed = seed * 1103515245 + 12345;
            const char *word = words[(seed >> 16) % 7];
            strcpy(at, word);
            at += strlen(word);
            *at++ = seed & 0x8000 ? ' ' : '\n';
            *at = 0;
        }
        sum += count_words(text);
        strcpy(copy, text);
        for (char *token = strtok(copy, " \n"); token; token = strtok(NULL, " \n")) {
            reverse(token);
            sum += strcmp(token, "ateb") == 0;
            sum += match("?*a*p*", token);
            if (strchr(token, 'z')) sum += 3;
        }
        for (char *p = text; *p; p++) *p = toupper((unsigned char)*p);
        if (strstr(text, "GAMMA DELTA ETA")) sum++;
    }
    printf("%u\n", sum);
}
