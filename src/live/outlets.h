/* Connections of viewers by number, and how the same bytes get to them at decode times of their own. */
#ifndef OUTLETS_H
#define OUTLETS_H
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "tcp-stream.h"

/* A connection that was opened here: its number is its place in the table. `serial` tells those apart that had the same one. */
struct outlet {
  uv_stream_t *stream;
  uv_os_sock_t socket;
  int32_t next_free;
  uint32_t serial;
};

struct outlets {
  struct outlet *all;
  int32_t capacity, first_free;
};

/* Where a decode time lies, what it is before a viewer's shift, and whose of the shifts that is. */
struct stamp {
  double place, time, track;
};

static int32_t take_outlet(struct outlets *outlets, uv_stream_t *stream, uv_os_sock_t socket) {
  if (outlets->first_free < 0) {
    int32_t capacity = outlets->capacity ? 2 * outlets->capacity : 64;
    struct outlet *all = realloc(outlets->all, (size_t)capacity * sizeof *all);
    if (all == NULL) return -1;
    for (int32_t i = outlets->capacity; i < capacity; i++)
      all[i] = (struct outlet){.next_free = i + 1 < capacity ? i + 1 : -1};
    outlets->first_free = outlets->capacity;
    outlets->all = all;
    outlets->capacity = capacity;
  }
  int32_t number = outlets->first_free;
  outlets->first_free = outlets->all[number].next_free;
  outlets->all[number].stream = stream;
  outlets->all[number].socket = socket;
  return number;
}

static struct outlet *outlet_of(const struct outlets *outlets, int32_t number) {
  return number >= 0 && number < outlets->capacity && outlets->all[number].stream != NULL ? &outlets->all[number] : NULL;
}

static void give_outlet(struct outlets *outlets, int32_t number) {
  struct outlet *outlet = outlet_of(outlets, number);
  if (outlet == NULL) return;
  *outlet = (struct outlet){.next_free = outlets->first_free, .serial = outlet->serial + 1};
  outlets->first_free = number;
}

/* What `try_outlet` will look at. */
static void fetch_ahead(const struct outlet *outlet) {
  if (outlet != NULL) __builtin_prefetch((const char *)outlet->stream + offsetof(uv_stream_t, write_queue_size));
}

/*
 * How much of the pieces the connection took. It is what uv_try_write does: nothing is sent past what waits in the stream already, and nothing on one
 * that has been shut down: 0 where they have to wait or the connection is gone, which the ordinary way then finds out for itself.
 */
static int32_t try_outlet(const struct outlet *outlet, const uv_buf_t *pieces, size_t count) {
  if (outlet == NULL || uv_is_closing((uv_handle_t *)outlet->stream) || !uv_is_writable(outlet->stream) ||
      uv_stream_get_write_queue_size(outlet->stream) > 0)
    return 0;
  const struct msghdr message = {.msg_iov = (struct iovec *)pieces, .msg_iovlen = count};
  const ssize_t taken = count == 1 ? send(outlet->socket, pieces->base, pieces->len, MSG_DONTWAIT | MSG_NOSIGNAL)
                                   : sendmsg(outlet->socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  return taken < 0 ? 0 : (int32_t)taken;
}

static void write_times(uint8_t *bytes, const struct stamp *stamps, int32_t count, const double *shifts) {
  for (int32_t i = 0; i < count; i++) {
    uint64_t time = (uint64_t)(int64_t)(stamps[i].time - shifts[(size_t)stamps[i].track]);
    uint8_t *at = bytes + (size_t)stamps[i].place;
    for (int32_t byte = 7; byte >= 0; byte--, time >>= 8) at[byte] = (uint8_t)time;
  }
}

/* The same where these bytes hold them already, of the viewer before. */
static void write_other_times(uint8_t *bytes, const struct stamp *stamps, int32_t count, size_t tracks,
                              const double *shifts, const double **written) {
  if (*written == NULL || memcmp(shifts, *written, tracks * sizeof *shifts) != 0) write_times(bytes, stamps, count, shifts);
  *written = shifts;
}
#endif
