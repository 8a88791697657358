/* What a controller does all day: rings of bytes, timers, debounced keys, loops of control, framed packets. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct fifo { uint8_t bytes[64]; uint8_t head, tail, lost; };

static int put(struct fifo *f, uint8_t byte) {
    uint8_t next = (f->head + 1) & 63;
    if (next == f->tail) { f->lost++; return 0; }
    f->bytes[f->head] = byte;
    f->head = next;
    return 1;
}

static int get(struct fifo *f) {
    if (f->head == f->tail) return -1;
    uint8_t byte = f->bytes[f->tail];
    f->tail = (f->tail + 1) & 63;
    return byte;
}

struct timer { struct timer *next; uint16_t left, period; void (*fire)(struct timer *); uint32_t count; };
static struct timer *running;
static uint32_t fired;

static void start(struct timer *t, uint16_t ticks) {
    struct timer **at = &running;
    while (*at && (*at)->left <= ticks) ticks -= (*at)->left, at = &(*at)->next;
    t->left = ticks;
    t->next = *at;
    if (t->next) t->next->left -= ticks;
    *at = t;
}

static void tick(void) {
    if (running && running->left) running->left--;
    while (running && running->left == 0) {
        struct timer *due = running;
        running = due->next;
        due->fire(due);
    }
}

static void again(struct timer *t) { t->count++; start(t, t->period); }
static void slower(struct timer *t) { t->count += 2; t->period += t->period < 50; start(t, t->period); }
static void once(struct timer *t) { fired += t->count++; start(t, 97); }

struct pid { int32_t kp, ki, kd, sum, before, low, high; };

static int32_t regulate(struct pid *p, int32_t wanted, int32_t is) {
    int32_t error = wanted - is;
    p->sum += error;
    if (p->sum > 20000) p->sum = 20000;
    else if (p->sum < -20000) p->sum = -20000;
    int32_t out = (p->kp * error + p->ki * p->sum + p->kd * (error - p->before)) >> 8;
    p->before = error;
    return out > p->high ? p->high : out < p->low ? p->low : out;
}

struct keys { uint8_t state, a, b, c; };

static uint8_t debounce(struct keys *k, uint8_t sample) {
    uint8_t changed = sample ^ k->state;
    k->a = ~(k->a & changed);
    k->b = k->a ^ (k->b & changed);
    k->c = (k->c & changed) ^ (k->a & k->b);
    uint8_t toggled = changed & k->a & k->b & ~k->c;
    k->state ^= toggled;
    return toggled & k->state;
}

static void send(struct fifo *line, const uint8_t *packet, int n) {
    uint8_t sum = 0;
    put(line, 0xC0);
    for (int i = 0; i <= n; i++) {
        uint8_t byte = i < n ? packet[i] : -sum;
        sum += byte;
        if (byte == 0xC0) put(line, 0xDB), put(line, 0xDC);
        else if (byte == 0xDB) put(line, 0xDB), put(line, 0xDD);
        else put(line, byte);
    }
    put(line, 0xC0);
}

struct receiver { uint8_t frame[40], length, sum, escaped; uint32_t good, bad, commands[4]; };

static void receive(struct receiver *r, uint8_t byte) {
    if (byte == 0xC0) {
        if (r->length > 1 && r->sum == 0) {
            r->good++;
            switch (r->frame[0] & 3) {
            case 0: r->commands[0] += r->frame[1]; break;
            case 1: r->commands[1] ^= r->frame[1] << 8 | r->frame[2]; break;
            case 2: r->commands[2]++; break;
            case 3: if (r->length > 4) r->commands[3] += r->frame[4]; break;
            }
        } else if (r->length) {
            r->bad++;
        }
        r->length = r->sum = r->escaped = 0;
        return;
    }
    if (byte == 0xDB) { r->escaped = 1; return; }
    if (r->escaped) byte = byte == 0xDC ? 0xC0 : 0xDB, r->escaped = 0;
    if (r->length < sizeof r->frame) r->frame[r->length++] = byte;
    r->sum += byte;
}

static int stuff(const uint8_t *in, int bits, uint8_t *out) {
    int run = 0, last = -1, n = 0;
    for (int i = 0; i < bits; i++) {
        int bit = in[i >> 3] >> (7 - (i & 7)) & 1;
        run = bit == last ? run + 1 : 1;
        last = bit;
        out[n >> 3] = (out[n >> 3] << 1) | bit, n++;
        if (run == 5) {
            last = !bit;
            run = 1;
            out[n >> 3] = (out[n >> 3] << 1) | last, n++;
        }
    }
    return n;
}

int main(void) {
    static struct fifo line;
    static struct receiver receiver;
    static struct timer timers[6] = {{0, 0, 3, again}, {0, 0, 7, again}, {0, 0, 11, slower}, {0, 0, 13, again}, {0, 0, 2, slower}, {0, 0, 40, once}};
    struct pid loop = {300, 12, 90, 0, 0, -4000, 4000};
    struct keys keys = {0};
    uint32_t seed = 9, pressed = 0, stuffed = 0;
    int32_t heat = 0;
    uint8_t packet[20], bits[32];
    for (int i = 0; i < 6; i++) start(&timers[i], timers[i].period);
    for (int t = 0; t < 9000; t++) {
        seed = seed * 1664525 + 1013904223;
        tick();
        int32_t drive = regulate(&loop, t & 2048 ? 900 : 300, heat >> 6);
        heat += drive / 8 - (heat >> 7);
        pressed += debounce(&keys, seed >> 24 & seed >> 16);
        if (t % 5 == 0) {
            int n = 2 + (seed >> 10) % 9;
            for (int i = 0; i < n; i++) packet[i] = seed >> i;
            packet[n - 1] = seed & 1 ? 0xC0 : 0xDB;
            send(&line, packet, n);
            stuffed += stuff(packet, n * 8, bits);
            if (seed >> 28 == 7) line.bytes[line.tail] ^= 4;
        }
        for (int c; (c = get(&line)) >= 0;) receive(&receiver, c);
    }
    printf("%u %d %u %u %u %u %u\n", fired, heat, pressed, stuffed, receiver.good, receiver.bad, receiver.commands[1]);
    return 0;
}
