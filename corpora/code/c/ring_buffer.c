/*
 * Single-producer, single-consumer byte queue.
 *
 * One thread (or an interrupt handler) calls rb_write, another calls rb_read;
 * no lock is needed. The indices run freely and are masked on use, so all of
 * the storage is usable and head == tail can only mean "empty".
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct ring {
    unsigned char *data;
    size_t mask;            /* capacity - 1; capacity is a power of two */
    atomic_size_t head;     /* next byte to write, owned by the producer */
    atomic_size_t tail;     /* next byte to read, owned by the consumer */
};

bool rb_init(struct ring *rb, void *storage, size_t capacity)
{
    if (capacity == 0 || (capacity & (capacity - 1)) != 0)
        return false;
    rb->data = storage;
    rb->mask = capacity - 1;
    atomic_init(&rb->head, 0);
    atomic_init(&rb->tail, 0);
    return true;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Queue up to len bytes; returns how many fitted. */
size_t rb_write(struct ring *rb, const void *src, size_t len)
{
    size_t head = atomic_load_explicit(&rb->head, memory_order_relaxed);
    /* Acquire: the consumer must be done with a slot before we reuse it. */
    size_t tail = atomic_load_explicit(&rb->tail, memory_order_acquire);
    size_t room = rb->mask + 1 - (head - tail);
    size_t n = smaller(len, room);
    size_t at = head & rb->mask;
    size_t first = smaller(n, rb->mask + 1 - at);

    memcpy(rb->data + at, src, first);
    memcpy(rb->data, (const unsigned char *)src + first, n - first);
    /* Release: the bytes become visible no later than the new head. */
    atomic_store_explicit(&rb->head, head + n, memory_order_release);
    return n;
}

/* Take up to len bytes; returns how many there were. */
size_t rb_read(struct ring *rb, void *dst, size_t len)
{
    size_t tail = atomic_load_explicit(&rb->tail, memory_order_relaxed);
    size_t head = atomic_load_explicit(&rb->head, memory_order_acquire);
    size_t n = smaller(len, head - tail);
    size_t at = tail & rb->mask;
    size_t first = smaller(n, rb->mask + 1 - at);

    memcpy(dst, rb->data + at, first);
    memcpy((unsigned char *)dst + first, rb->data, n - first);
    atomic_store_explicit(&rb->tail, tail + n, memory_order_release);
    return n;
}
