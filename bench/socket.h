/* What the C programs of the benchmark share: sockets on loopback, and sends that may be cut short. Linux only. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_FRAME_HEADER = 10, MOST_UNSENT = 8 << 20 };

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void *allocate(size_t bytes) {
  void *memory = calloc(1, bytes);
  if (!memory) die("calloc");
  return memory;
}

static inline uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void raise_file_limit(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static void no_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/* Listens on loopback, on a free port for 0, and prints the origin as one line. */
static inline int listen_and_say(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = loopback(port);
  socklen_t size = sizeof address;
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, size) || listen(fd, 4096)) die("listen");
  getsockname(fd, (struct sockaddr *)&address, &size);
  printf("http://127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

static inline int connect_to(int port, int flags) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  struct sockaddr_in address = loopback(port);
  if (fd < 0) die("socket");
  if (connect(fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) die("connect");
  no_delay(fd);
  return fd;
}

/* Bytes that the kernel did not take at once. */
struct rest {
  uint8_t *bytes;
  size_t at, length;
};

/* Sends what is left; 1: all gone, 0: there is more, -1: the peer has gone. */
static inline int send_rest(int fd, struct rest *rest) {
  while (rest->at < rest->length) {
    ssize_t sent = send(fd, rest->bytes + rest->at, rest->length - rest->at, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return errno == EAGAIN ? 0 : -1;
    rest->at += sent;
  }
  free(rest->bytes);
  *rest = (struct rest){0};
  return 1;
}

/* One send; what it does not take is kept. 1: all gone, 0: some is kept or, if too much is kept already, left out. */
static inline int send_or_keep(int fd, struct rest *rest, const uint8_t *bytes, size_t length) {
  ssize_t sent = 0;
  if (!rest->bytes) {
    sent = send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) return -1;
    if (sent == (ssize_t)length) return 1;
    if (sent < 0) sent = 0;
  }
  size_t left = length - sent, kept = rest->length - rest->at;
  if (kept + left > MOST_UNSENT) return 0;
  uint8_t *all = allocate(kept + left);
  if (kept) memcpy(all, rest->bytes + rest->at, kept);
  memcpy(all + kept, bytes + sent, left);
  free(rest->bytes);
  *rest = (struct rest){.bytes = all, .length = kept + left};
  return 0;
}

/* The header of an unmasked binary WebSocket frame, written so that it ends at `end`; returns its length. */
static inline int frame_header(uint8_t *end, uint64_t length) {
  if (length < 126) {
    end[-2] = 0x82;
    end[-1] = length;
    return 2;
  }
  int size = length < 65536 ? 4 : 10, digits = size - 2;
  end[-size] = 0x82;
  end[-size + 1] = size == 4 ? 126 : 127;
  for (int i = 0; i < digits; i++) end[-1 - i] = length >> (8 * i);
  return size;
}

static inline void write_be(uint8_t *at, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; i++) at[i] = value >> (8 * (bytes - 1 - i));
}

/* Every client of the benchmark sends the key of RFC 6455, 1.3, so that the answer is the one given there. */
#define WEBSOCKET_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define WEBSOCKET_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define SWITCHING                                                             \
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"                \
  "Connection: Upgrade\r\nSec-WebSocket-Accept: " WEBSOCKET_ACCEPT "\r\n\r\n"

/* The value of `src` in the request line, cut out in place; NULL if there is none. */
static inline char *source_of(char *request) {
  char *end = strpbrk(request, "\r\n"), *src = strstr(request, "src=");
  if (!src || !end || src > end) return NULL;
  src += 4;
  src[strcspn(src, "& \r\n")] = 0;
  return src;
}

/* Every fragment of a tape ends with these: marker, flags, its number, and when it was sent (CLOCK_MONOTONIC). */
#define MARKER "\x93" "camgate" 
enum { SYNC = 1, SOUND = 2 };
enum { MARK_FLAGS = 8, MARK_NUMBER = 12, MARK_TIME = 16, MARK_BYTES = 24 };
