/* Connections whose reads go by here on their way to Node, and what is answered on the way. */
#ifndef CONNECTIONS_H
#define CONNECTIONS_H
#include "../live/tcp-stream.h"
#include "shelf.h"
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

enum { KINDS = 2, READ_BYTES = 64 * 1024, LONGEST_REQUEST = 8 * 1024 };

struct connection {
  uv_stream_t *stream;
  /* Reads that were handed to Node, and the last of them, if it may have been a whole request. */
  double heard;
  char *last;
  size_t last_length;
  /* The right to ask for what is on the shelf. */
  struct shelf *shelf;
  int suspended;
  uint64_t until;
  /* What a request is before the name, where in the last one begins what comes behind it, and what goes with each answer. */
  char *begin, *headers;
  size_t begin_length, tail_at, headers_length;
};

struct module {
  napi_env env;
  uv_loop_t *loop;
  /* Connections by file descriptor. */
  struct connection **connections;
  int32_t capacity;
  /* Node's own callbacks: the same ones for every connection. */
  uv_alloc_cb alloc;
  uv_read_cb read;
  napi_ref on_rest;
  double answered[KINDS];
  time_t date_of;
  char date[64];
  size_t date_length;
  char buffer[READ_BYTES];
};

/* libuv's callbacks are told of the stream alone, and its `data` is Node's. */
static struct module *module;

static struct connection *connection_of(const uv_handle_t *handle) {
  uv_os_fd_t fd;
  if (uv_fileno(handle, &fd) != 0 || fd >= module->capacity) return NULL;
  struct connection *connection = module->connections[fd];
  return connection != NULL && (uv_handle_t *)connection->stream == handle ? connection : NULL;
}

static void withdraw(struct connection *connection) {
  connection->shelf = NULL;
  free(connection->begin);
  free(connection->headers);
  connection->begin = connection->headers = NULL;
}

static void lend_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
  (void)handle, (void)suggested;
  *buffer = uv_buf_init(module->buffer, READ_BYTES);
}

/* As if Node had read it. After it the connection may be gone. */
static void hand_to_node(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer) {
  uv_buf_t theirs = uv_buf_init(NULL, 0);
  module->alloc((uv_handle_t *)stream, READ_BYTES, &theirs);
  if (length > 0 && theirs.len < (size_t)length) length = UV_ENOBUFS;
  if (length > 0) memcpy(theirs.base, buffer->base, (size_t)length);
  module->read(stream, length, &theirs);
}

static void remember(struct connection *connection, const char *bytes, size_t length) {
  connection->heard++;
  connection->last_length = 0;
  withdraw(connection);
  char *last = length <= LONGEST_REQUEST ? realloc(connection->last, length) : NULL;
  if (last == NULL) return;
  memcpy(last, bytes, length);
  connection->last = last;
  connection->last_length = length;
}

/* `date: Sat, 28 Nov 2026 22:54:10 GMT` and its end (RFC 9110, 5.6.7), made once a second. */
static uv_buf_t date_line(void) {
  static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const time_t now = time(NULL);
  struct tm at;
  if (now != module->date_of && gmtime_r(&now, &at) != NULL) {
    const char *day = days + 3 * at.tm_wday, *month = months + 3 * at.tm_mon;
    const int length = snprintf(module->date, sizeof module->date, "date: %.3s, %02d %.3s %d %02d:%02d:%02d GMT\r\n", day,
                                at.tm_mday, month, at.tm_year + 1900, at.tm_hour, at.tm_min, at.tm_sec);
    module->date_length = length > 0 && (size_t)length < sizeof module->date ? (size_t)length : 0;
    module->date_of = now;
  }
  return uv_buf_init(module->date, (unsigned)module->date_length);
}

/* What the connection did not take: onRest(fd, item, head, bodyTaken). False if nobody could be told. */
static int leave_the_rest(int32_t fd, const struct item *item, const uv_buf_t *pieces, size_t taken) {
  napi_env env = module->env;
  napi_value arguments[4], receiver, function, result;
  void *head = NULL;
  size_t head_length = 0;
  for (int i = 0; i < HEAD_PIECES; i++) head_length += pieces[i].len;
  const size_t head_left = taken < head_length ? head_length - taken : 0;
  napi_value left;
  if (napi_create_arraybuffer(env, head_left, &head, &left) != napi_ok) return 0;
  for (size_t i = 0, at = 0; i < HEAD_PIECES; at += pieces[i++].len)
    for (size_t byte = 0; byte < pieces[i].len; byte++)
      if (at + byte >= taken) ((char *)head)[at + byte - taken] = pieces[i].base[byte];
  napi_create_int32(env, fd, &arguments[0]);
  napi_create_int32(env, item->number, &arguments[1]);
  arguments[2] = left;
  napi_create_int64(env, taken < head_length ? 0 : (int64_t)(taken - head_length), &arguments[3]);
  napi_get_global(env, &receiver);
  if (napi_get_reference_value(env, module->on_rest, &function) != napi_ok || function == NULL) return 0;
  if (napi_make_callback(env, NULL, receiver, function, 4, arguments, &result) == napi_pending_exception) {
    napi_get_and_clear_last_exception(env, &result);
    napi_fatal_exception(env, result);
  }
  return 1;
}

/* Whether bytes that were read are such a request, and have been answered. */
static int answer(struct connection *connection, const char *bytes, size_t length) {
  const size_t begin = connection->begin_length, tail = connection->last_length - connection->tail_at;
  if (connection->shelf == NULL || connection->suspended || uv_now(module->loop) >= connection->until ||
      length <= begin + tail || memcmp(bytes, connection->begin, begin) != 0 ||
      memcmp(bytes + length - tail, connection->last + connection->tail_at, tail) != 0)
    return 0;
  struct shelf *shelf = connection->shelf;
  struct item *item = find_item(shelf, bytes + begin, length - begin - tail);
  if (item == NULL) return 0;

  uv_buf_t pieces[HEAD_PIECES + MOST_PIECES];
  pieces[0] = uv_buf_init(item->text + item->name_length, (unsigned)item->head_length);
  pieces[1] = date_line();
  pieces[2] = uv_buf_init(connection->headers, (unsigned)connection->headers_length);
  napi_handle_scope scope;
  if (napi_open_handle_scope(module->env, &scope) != napi_ok) return 0;
  const size_t body = locate(module->env, item, pieces + HEAD_PIECES);
  const size_t all = item->head_length + module->date_length + connection->headers_length + body;
  const int taken = body == 0 ? 0 : uv_try_write(connection->stream, pieces, HEAD_PIECES + item->piece_count);
  if (taken > 0) {
    shelf->answered++;
    module->answered[item->kind]++;
    if ((size_t)taken < all) {
      uv_os_fd_t fd;
      connection->suspended = 1;
      uv_fileno((uv_handle_t *)connection->stream, &fd);
      // Half an answer is worse than none: what the client sees is a connection that was lost.
      if (!leave_the_rest(fd, item, pieces, (size_t)taken)) shutdown(fd, SHUT_RDWR);
    }
  }
  napi_close_handle_scope(module->env, scope);
  return taken > 0;
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer) {
  if (length == 0) return;
  struct connection *connection = connection_of((uv_handle_t *)stream);
  if (connection != NULL && length > 0) {
    if (answer(connection, buffer->base, (size_t)length)) return;
    remember(connection, buffer->base, (size_t)length);
  }
  hand_to_node(stream, length, buffer);
}

static int is_heard(const struct connection *connection) {
  return !uv_is_closing((uv_handle_t *)connection->stream) && connection->stream->read_cb == on_read;
}

/* Reads of the connection go by here from now on. False where somebody else than Node reads it, or nobody. */
static int hook(struct connection *connection) {
  uv_stream_t *stream = connection->stream;
  if (uv_is_closing((uv_handle_t *)stream) || stream->read_cb == NULL || stream->alloc_cb == NULL) return 0;
  if (module->read == NULL) {
    module->alloc = stream->alloc_cb;
    module->read = stream->read_cb;
  }
  if (stream->alloc_cb != module->alloc || stream->read_cb != module->read) return 0;
  stream->alloc_cb = lend_buffer;
  stream->read_cb = on_read;
  return 1;
}

static struct connection *connection_at(int32_t fd) {
  return fd >= 0 && fd < module->capacity ? module->connections[fd] : NULL;
}

static void forget(int32_t fd) {
  struct connection *connection = connection_at(fd);
  if (connection == NULL) return;
  withdraw(connection);
  free(connection->last);
  free(connection);
  module->connections[fd] = NULL;
}

static struct connection *listen_to(int32_t fd) {
  uv_stream_t *stream = fd >= 0 ? tcp_stream(module->loop, fd) : NULL;
  if (stream == NULL) return NULL;
  if (fd >= module->capacity) {
    const int32_t capacity = fd < 32 ? 64 : 2 * fd;
    struct connection **connections = realloc(module->connections, (size_t)capacity * sizeof *connections);
    if (connections == NULL) return NULL;
    memset(connections + module->capacity, 0, (size_t)(capacity - module->capacity) * sizeof *connections);
    module->connections = connections;
    module->capacity = capacity;
  }
  struct connection *connection = calloc(1, sizeof *connection);
  if (connection == NULL) return NULL;
  connection->stream = stream;
  return module->connections[fd] = connection;
}
#endif
