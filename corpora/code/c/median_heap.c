/*
 * Prints the running median of the numbers on standard input.
 *
 * Two binary heaps meet in the middle: `low` keeps the smaller half with its
 * maximum on top, `high` the larger half with its minimum on top. The low
 * side may be one element ahead, never the other way about.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    double *v;
    size_t len, cap;
    int sign;               /* +1: max-heap, -1: min-heap */
} Heap;

static int above(const Heap *h, size_t i, size_t j)
{
    return h->sign * h->v[i] > h->sign * h->v[j];
}

static void swap_at(Heap *h, size_t i, size_t j)
{
    double tmp = h->v[i];
    h->v[i] = h->v[j];
    h->v[j] = tmp;
}

static void push(Heap *h, double x)
{
    if (h->len == h->cap) {
        size_t cap = h->cap ? 2 * h->cap : 64;
        double *grown = realloc(h->v, cap * sizeof *grown);
        if (!grown) {
            perror("median");
            exit(EXIT_FAILURE);
        }
        h->v = grown;
        h->cap = cap;
    }
    size_t i = h->len++;
    h->v[i] = x;
    while (i > 0 && above(h, i, (i - 1) / 2)) {
        swap_at(h, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

static double pop(Heap *h)
{
    double top = h->v[0];
    h->v[0] = h->v[--h->len];
    for (size_t i = 0;;) {
        size_t best = i, left = 2 * i + 1, right = left + 1;
        if (left < h->len && above(h, left, best))
            best = left;
        if (right < h->len && above(h, right, best))
            best = right;
        if (best == i)
            return top;
        swap_at(h, i, best);
        i = best;
    }
}

int main(void)
{
    Heap low = { .sign = 1 }, high = { .sign = -1 };
    char line[128];

    while (fgets(line, sizeof line, stdin)) {
        char *end;
        errno = 0;
        double x = strtod(line, &end);
        if (end == line || errno == ERANGE || x != x) {
            fprintf(stderr, "median: ignored: %s", line);
            continue;
        }
        /* Passing through the other heap keeps the halves ordered. */
        push(&low, x);
        push(&high, pop(&low));
        if (high.len > low.len)
            push(&low, pop(&high));

        double mid = low.len > high.len ? low.v[0]
                                        : low.v[0] / 2 + high.v[0] / 2;
        printf("%g\n", mid);
    }
    free(low.v);
    free(high.v);
    return ferror(stdin) ? EXIT_FAILURE : EXIT_SUCCESS;
}
