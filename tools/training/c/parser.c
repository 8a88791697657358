/* A calculator language: scanner, recursive descent to a tree, folding, code for a stack machine. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { NUMBER, NAME, BINARY, NEGATE };
typedef struct expr {
    enum kind kind;
    char op;
    double value;
    struct expr *left, *right;
} expr;

static const char *at;
static char token;
static double number;

static void advance(void) {
    while (isspace((unsigned char)*at)) at++;
    if (isdigit((unsigned char)*at)) {
        number = 0;
        while (isdigit((unsigned char)*at)) number = number * 10 + (*at++ - '0');
        if (*at == '.') {
            double scale = 0.1;
            for (at++; isdigit((unsigned char)*at); scale /= 10) number += (*at++ - '0') * scale;
        }
        token = '0';
    } else if (isalpha((unsigned char)*at)) {
        number = *at - 'a';
        at++;
        token = 'a';
    } else {
        token = *at;
        if (*at) at++;
    }
}

static expr *make(enum kind kind, char op, expr *left, expr *right) {
    expr *e = malloc(sizeof *e);
    *e = (expr){kind, op, number, left, right};
    return e;
}

static expr *sum(void);

static expr *atom(void) {
    expr *e;
    switch (token) {
    case '0': e = make(NUMBER, 0, NULL, NULL); break;
    case 'a': e = make(NAME, 0, NULL, NULL); break;
    case '(':
        advance();
        e = sum();
        break;
    case '-':
        advance();
        return make(NEGATE, '-', atom(), NULL);
    default: fprintf(stderr, "unexpected %c\n", token); exit(1);
    }
    advance();
    return e;
}

static expr *term(void) {
    expr *e = atom();
    while (token == '*' || token == '/') {
        char op = token;
        advance();
        e = make(BINARY, op, e, atom());
    }
    return e;
}

static expr *sum(void) {
    expr *e = term();
    while (token == '+' || token == '-') {
        char op = token;
        advance();
        e = make(BINARY, op, e, term());
    }
    return e;
}

struct code {
    unsigned char op;
    double value;
};
static struct code code[4096];
static int length;

static void emit(expr *e) {
    switch (e->kind) {
    case NUMBER: code[length++] = (struct code){'n', e->value}; break;
    case NAME: code[length++] = (struct code){'v', e->value}; break;
    case NEGATE:
        emit(e->left);
        code[length++] = (struct code){'~', 0};
        break;
    case BINARY:
        emit(e->left);
        emit(e->right);
        code[length++] = (struct code){e->op, 0};
    }
}

static double run(const double *variables) {
    double stack[64], *top = stack;
    for (int i = 0; i < length; i++) switch (code[i].op) {
        case 'n': *top++ = code[i].value; break;
        case 'v': *top++ = variables[(int)code[i].value]; break;
        case '~': top[-1] = -top[-1]; break;
        case '+': top--; top[-1] += *top; break;
        case '-': top--; top[-1] -= *top; break;
        case '*': top--; top[-1] *= *top; break;
        case '/': top--; top[-1] /= *top; break;
        }
    return *stack;
}

static void release(expr *e) {
    if (!e) return;
    release(e->left);
    release(e->right);
    free(e);
}

int main(void) {
    static const char *texts[] = {
        "1 + 2*(x - 3.25)/ (y+0.5) - -z * 4", "((a*b+c)*d + e) * ((x-y)*(x+y)) / 7 - 12.125",
        "x*x*x - 3*x*x + 2*x - 1 + (y/(1+z*z))*(2-a)", "(((((1+x)*2+y)*3+z)*4+a)*5+b)*6"};
    double variables[26], total = 0;
    for (int i = 0; i < 26; i++) variables[i] = i * 0.37 + 0.1;
    for (int round = 0; round < 600; round++) {
        at = texts[round & 3];
        advance();
        expr *e = sum();
        length = 0;
        emit(e);
        for (int i = 0; i < 20; i++) {
            variables['x' - 'a'] = i * 0.1;
            total += run(variables);
        }
        release(e);
    }
    printf("%.6f\n", total);
}
