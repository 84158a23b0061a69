/*
 * A crowd of viewers that costs as little as can be: what comes is discarded in the kernel (MSG_TRUNC), at most 500 times
 * a second. With -m every byte is read and the marks are looked for that each fragment of a tape (bench/cameras/tape.ts) ends with:
 * how old it is, and whether one is missing.
 *
 *     drain [-n viewers] [-r seconds to join in] [-s stalled] [-m] http://127.0.0.1:PORT/PATH | ws://… …
 *
 * Prints `playing` when each viewer has a picture's worth, or is over; then stalls some; then answers each line of its
 * input with one line of JSON, latencies being those since the line before; ends with its input.
 */
#include "socket.h"

enum {
  PICTURE = 16384,
  MOST_HEAD = 4096,
  READ = 1 << 20,
  TAIL = MARK_BYTES - 1,
  BUCKETS = 200001,
  BUCKET_NS = 20000,
  HEARTBEAT_SECONDS = 25
};

struct target {
  int port, websocket;
  char request[MOST_HEAD];
};

struct viewer {
  int fd, status, over, stalled, started, seen, tail_length, head_length;
  struct target *target;
  uint64_t joined, bytes, fragments, missed;
  double first_ms;
  uint32_t number;
  char head[MOST_HEAD];
  uint8_t tail[TAIL];
};

static struct viewer *viewers;
static int count = 1, joined, stalled, marks, poller, started;
/* Of pictures and of sound. */
static uint32_t histograms[2][BUCKETS];
static uint8_t *buffer;

static void over(struct viewer *viewer) {
  if (viewer->over) return;
  viewer->over = 1;
  close(viewer->fd);
}

static void note_start(struct viewer *viewer) {
  if (viewer->started) return;
  viewer->started = 1;
  started++;
}

static void read_mark(struct viewer *viewer, const uint8_t *mark, uint64_t now) {
  uint32_t flags, number;
  uint64_t sent;
  memcpy(&flags, mark + MARK_FLAGS, 4);
  memcpy(&number, mark + MARK_NUMBER, 4);
  memcpy(&sent, mark + MARK_TIME, 8);
  if (!viewer->seen && (flags & SYNC)) {
    viewer->first_ms = (now - viewer->joined) / 1e6;
    note_start(viewer);
  }
  if (viewer->seen && number > viewer->number + 1) viewer->missed += number - viewer->number - 1;
  viewer->seen |= flags & SYNC;
  viewer->number = number;
  viewer->fragments++;
  uint64_t bucket = (now - sent) / BUCKET_NS;
  histograms[!!(flags & SOUND)][bucket < BUCKETS ? bucket : BUCKETS - 1]++;
}

/* `bytes` has room for the tail before it. */
static void find_marks(struct viewer *viewer, uint8_t *bytes, size_t length) {
  uint64_t now = now_ns();
  bytes -= viewer->tail_length;
  length += viewer->tail_length;
  memcpy(bytes, viewer->tail, viewer->tail_length);
  uint8_t *at = bytes, *end = bytes + length, *mark;
  while ((mark = memmem(at, end - at, MARKER, 8)) && end - mark >= MARK_BYTES) {
    read_mark(viewer, mark, now);
    at = mark + MARK_BYTES;
  }
  size_t keep = end - at < TAIL ? end - at : TAIL;
  memcpy(viewer->tail, end - keep, viewer->tail_length = keep);
}

static void take_media(struct viewer *viewer, uint8_t *bytes, size_t length) {
  viewer->bytes += length;
  if (marks) find_marks(viewer, bytes, length);
  else if (viewer->bytes >= PICTURE) note_start(viewer);
}

/* A masked text frame whose mask is 0. */
static void say_what_can_be_played(int fd) {
  static const char text[] = "{\"type\":\"mse\",\"value\":\"avc1.640029,mp4a.40.2,flac,opus\"}";
  uint8_t frame[6 + sizeof text] = {0x81, 0x80 | (sizeof text - 1)};
  memcpy(frame + 6, text, sizeof text - 1);
  send(fd, frame, 6 + sizeof text - 1, MSG_NOSIGNAL);
}

/*
 * Pings are discarded with everything else; a pong that nobody asked for says as much (RFC 6455, 5.5.3). Whoever got no picture
 * says nothing, and is let go of.
 */
static void say_it_is_here(struct viewer *viewer) {
  static const uint8_t pong[] = {0x8a, 0x80, 0, 0, 0, 0};
  if (viewer->started && !viewer->over && viewer->target->websocket)
    send(viewer->fd, pong, sizeof pong, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void read_head(struct viewer *viewer) {
  ssize_t got = recv(viewer->fd, viewer->head + viewer->head_length, MOST_HEAD - 1 - viewer->head_length, 0);
  if (got == 0 || (got < 0 && errno != EAGAIN)) over(viewer);
  if (got <= 0) return;
  viewer->head_length += got;
  viewer->head[viewer->head_length] = 0;
  char *end = strstr(viewer->head, "\r\n\r\n");
  if (!end) return;
  viewer->status = atoi(viewer->head + 9);
  if (viewer->status != (viewer->target->websocket ? 101 : 200)) {
    over(viewer);
    return;
  }
  if (viewer->target->websocket) say_what_can_be_played(viewer->fd);
  end += 4;
  size_t rest = viewer->head + viewer->head_length - end;
  memcpy(buffer + TAIL, end, rest);
  take_media(viewer, buffer + TAIL, rest);
}

static void read_viewer(struct viewer *viewer) {
  if (!viewer->status) {
    read_head(viewer);
    return;
  }
  ssize_t got = recv(viewer->fd, buffer + TAIL, READ, marks ? 0 : MSG_TRUNC);
  if (got == 0 || (got < 0 && errno != EAGAIN)) over(viewer);
  else if (got > 0) take_media(viewer, buffer + TAIL, got);
}

static void join(struct viewer *viewer, struct target *target) {
  viewer->target = target;
  viewer->joined = now_ns();
  viewer->fd = connect_to(target->port, 0);
  if (send(viewer->fd, target->request, strlen(target->request), MSG_NOSIGNAL) < 0) over(viewer);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = viewer};
  epoll_ctl(poller, EPOLL_CTL_ADD, viewer->fd, &event);
}

static int by_size(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

static double percentile(double share, int kinds) {
  uint64_t all = 0, sum = 0;
  for (int kind = 0; kind < 2; kind++)
    for (int i = 0; i < BUCKETS; i++) all += kinds & (1 << kind) ? histograms[kind][i] : 0;
  for (int i = 0; i < BUCKETS; i++) {
    for (int kind = 0; kind < 2; kind++) sum += kinds & (1 << kind) ? histograms[kind][i] : 0;
    if (sum && sum >= share * all) return (i + 1) * (BUCKET_NS / 1e6);
  }
  return 0;
}

static void print_latency(const char *name, int kinds) {
  printf("\"%s\":{\"p50\":%.2f,\"p95\":%.2f,\"p99\":%.2f,\"max\":%.2f},", name, percentile(0.5, kinds),
         percentile(0.95, kinds), percentile(0.99, kinds), percentile(1, kinds));
}

static void answer(void) {
  uint64_t bytes = 0, fragments = 0, missed = 0;
  int open = 0, waits = 0;
  double *firsts = allocate(count * sizeof *firsts);
  for (int i = 0; i < joined; i++) {
    struct viewer *viewer = &viewers[i];
    open += !viewer->over;
    if (viewer->first_ms > 0) firsts[waits++] = viewer->first_ms;
    if (viewer->stalled) continue;
    bytes += viewer->bytes;
    fragments += viewer->fragments;
    missed += viewer->missed;
  }
  qsort(firsts, waits, sizeof *firsts, by_size);
#define FIRST(share) (waits ? firsts[(int)(share * (waits - 1) + 0.5)] : 0)
  printf("{\"at\":%.6f,\"bytes\":%lu,\"open\":%d,\"started\":%d,\"fragments\":%lu,\"missed\":%lu,", now_ns() / 1e9, bytes,
         open, started, fragments, missed);
  print_latency("latencyMs", 3);
  print_latency("pictureMs", 1);
  print_latency("soundMs", 2);
  printf("\"firstFrameMs\":{\"p50\":%.2f,\"p95\":%.2f,\"p99\":%.2f,\"max\":%.2f}}\n", FIRST(0.5), FIRST(0.95), FIRST(0.99),
         FIRST(1));
  fflush(stdout);
  free(firsts);
  memset(histograms, 0, sizeof histograms);
}

static void stall_some(void) {
  for (int i = 0; i < stalled; i++) {
    struct viewer *viewer = &viewers[i * count / stalled];
    viewer->stalled = 1;
    if (!viewer->over) epoll_ctl(poller, EPOLL_CTL_DEL, viewer->fd, NULL);
  }
}

static struct target *read_target(const char *url) {
  struct target *target = allocate(sizeof *target);
  const char *colon = strrchr(url, ':'), *path;
  target->websocket = !strncmp(url, "ws:", 3);
  if (!colon || !(path = strchr(colon, '/'))) die("a URL with a port and a path");
  target->port = atoi(colon + 1);
  snprintf(target->request, sizeof target->request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", path, target->port,
           target->websocket ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                               "Sec-WebSocket-Key: " WEBSOCKET_KEY "\r\n"
                             : "");
  return target;
}

int main(int argc, char **argv) {
  double ramp = 0.2;
  int option;
  while ((option = getopt(argc, argv, "n:r:s:m")) > 0) {
    if (option == 'n') count = atoi(optarg);
    else if (option == 'r') ramp = atof(optarg);
    else if (option == 's') stalled = atoi(optarg);
    else if (option == 'm') marks = 1;
    else return 1;
  }
  int target_count = argc - optind;
  if (target_count < 1) die("a URL");
  struct target *targets[target_count];
  for (int i = 0; i < target_count; i++) targets[i] = read_target(argv[optind + i]);
  raise_file_limit();
  viewers = allocate(count * sizeof *viewers);
  buffer = allocate(TAIL + READ);
  poller = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event input = {.events = EPOLLIN}, events[1024];
  epoll_ctl(poller, EPOLL_CTL_ADD, 0, &input);
  uint64_t began = now_ns(), beats = 0;
  int playing = 0;
  for (;;) {
    for (; now_ns() >= began + (uint64_t)(beats * HEARTBEAT_SECONDS * 1e9 / count); beats++)
      say_it_is_here(&viewers[beats % count]);
    while (joined < count && now_ns() >= began + (uint64_t)(joined * ramp * 1e9 / count)) {
      join(&viewers[joined], targets[joined % target_count]);
      joined++;
    }
    if (!marks) usleep(2000);
    int ready = epoll_wait(poller, events, 1024, joined < count ? 1 : 20);
    for (int i = 0; i < ready; i++) {
      struct viewer *viewer = events[i].data.ptr;
      if (viewer) read_viewer(viewer);
      else {
        char line[64];
        if (read(0, line, sizeof line) <= 0) return 0;
        answer();
      }
    }
    int waiting = count - joined;
    for (int i = 0; !playing && i < joined; i++) waiting += !viewers[i].started && !viewers[i].over;
    if (playing || waiting) continue;
    playing = 1;
    stall_some();
    printf("playing\n");
    fflush(stdout);
  }
}
