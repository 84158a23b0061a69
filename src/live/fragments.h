/* Fragments of MP4 as they come from a camera (ISO/IEC 14496-12, 8.8): whole ones that may be handed on as they are. */
#ifndef FRAGMENTS_H
#define FRAGMENTS_H
#include <stddef.h>
#include <stdint.h>

enum { MOST_TRACKS = 8, MOST_MOOF = 16 * 1024, MOST_SAMPLES = 64 };

/* Of a track: what lies between its decode times and hub time, where it has got to in hub time, what its samples are by default. */
struct track {
  double id, offset, end, timescale, is_primary, duration, size;
};

struct fragment {
  size_t length;
  /* Where its decode time lies, from its first byte. */
  size_t stamp;
  int track;
  /* In hub time, and in units of the track's timescale. */
  double time, duration;
};

enum finding { NOT_WHOLE, WHOLE, NOT_OURS };

struct box {
  uint32_t type;
  const uint8_t *body, *end;
};

static uint32_t read_uint32(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

#define FOURCC(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* The box at `at`, which is moved behind it. False of one that does not fit, or has another header than the short one. */
static int next_box(const uint8_t **at, const uint8_t *end, struct box *box) {
  if (end - *at < 8) return 0;
  const uint32_t size = read_uint32(*at);
  if (size < 8 || size > (size_t)(end - *at)) return 0;
  box->type = read_uint32(*at + 4);
  box->body = *at + 8;
  box->end = *at + size;
  *at = box->end;
  return 1;
}

struct defaults {
  double duration, size;
};

/* 8.8.7; false where the data lies elsewhere than behind its `moof`, or the track is not known. */
static int read_tfhd(const struct box *tfhd, const struct track *tracks, int track_count, int *track, struct defaults *defaults) {
  enum { BASE_DATA_OFFSET = 0x01, DESCRIPTION = 0x02, DURATION = 0x08, SIZE = 0x10, FLAGS = 0x20 };
  if (tfhd->end - tfhd->body < 8) return 0;
  const uint32_t flags = read_uint32(tfhd->body) & 0xffffff, id = read_uint32(tfhd->body + 4);
  for (*track = 0; *track < track_count && tracks[*track].id != id;) ++*track;
  if (*track == track_count || flags & BASE_DATA_OFFSET) return 0;
  const uint8_t *at = tfhd->body + 8 + (flags & DESCRIPTION ? 4 : 0);
  const size_t needed = (flags & DURATION ? 4 : 0) + (flags & SIZE ? 4 : 0) + (flags & FLAGS ? 4 : 0);
  if (tfhd->end - at < (ptrdiff_t)needed) return 0;
  *defaults = (struct defaults){tracks[*track].duration, tracks[*track].size};
  if (flags & DURATION) defaults->duration = read_uint32(at), at += 4;
  if (flags & SIZE) defaults->size = read_uint32(at);
  return 1;
}

/* 8.8.8: how long its samples last, and how large they are. False where they do not lie right behind a `moof` of that length. */
static int read_trun(const struct box *trun, struct defaults defaults, size_t moof, double *duration, double *bytes) {
  enum { DATA_OFFSET = 0x01, FIRST_FLAGS = 0x04, DURATION = 0x100, SIZE = 0x200, FLAGS = 0x400, COMPOSITION = 0x800 };
  if (trun->end - trun->body < 12) return 0;
  const uint32_t flags = read_uint32(trun->body) & 0xffffff, count = read_uint32(trun->body + 4);
  if (!(flags & DATA_OFFSET) || read_uint32(trun->body + 8) != moof + 8 || count < 1 || count > MOST_SAMPLES) return 0;
  const size_t stride = (flags & DURATION ? 4 : 0) + (flags & SIZE ? 4 : 0) + (flags & FLAGS ? 4 : 0) + (flags & COMPOSITION ? 4 : 0);
  const uint8_t *at = trun->body + 12 + (flags & FIRST_FLAGS ? 4 : 0);
  if (trun->end - at < (ptrdiff_t)(count * stride)) return 0;
  *duration = *bytes = 0;
  for (uint32_t i = 0; i < count; i++, at += stride) {
    *duration += flags & DURATION ? read_uint32(at) : defaults.duration;
    *bytes += flags & SIZE ? read_uint32(at + (flags & DURATION ? 4 : 0)) : defaults.size;
  }
  return 1;
}

/* A `moof` with one track, one run of samples and a decode time of 64 bits. */
static int read_moof(const uint8_t *moof, size_t length, const struct track *tracks, int track_count,
                     struct fragment *fragment, double *sample_bytes) {
  const uint8_t *at = moof + 8, *end = moof + length;
  struct box box, traf = {0}, tfhd = {0}, tfdt = {0}, trun = {0};
  struct defaults defaults;
  while (at < end) {
    if (!next_box(&at, end, &box)) return 0;
    if (box.type != FOURCC('t', 'r', 'a', 'f')) continue;
    if (traf.body) return 0;
    traf = box;
  }
  if (!traf.body) return 0;
  for (at = traf.body; at < traf.end;) {
    if (!next_box(&at, traf.end, &box)) return 0;
    struct box *const known = box.type == FOURCC('t', 'f', 'h', 'd')   ? &tfhd
                              : box.type == FOURCC('t', 'f', 'd', 't') ? &tfdt
                              : box.type == FOURCC('t', 'r', 'u', 'n') ? &trun
                                                                       : NULL;
    if (known && known->body) return 0;
    if (known) *known = box;
  }
  if (!tfhd.body || !tfdt.body || !trun.body || tfdt.end - tfdt.body < 12 || tfdt.body[0] != 1) return 0;
  if (!read_tfhd(&tfhd, tracks, track_count, &fragment->track, &defaults)) return 0;
  if (!read_trun(&trun, defaults, length, &fragment->duration, sample_bytes)) return 0;
  fragment->stamp = (size_t)(tfdt.body + 4 - moof);
  const double time = read_uint32(tfdt.body + 4) * 4294967296.0 + read_uint32(tfdt.body + 8);
  fragment->time = time + tracks[fragment->track].offset;
  return time <= 9007199254740991.0;
}

/* Whether it goes on where its track has got to: not before, and without a hole that would be closed up. */
static int has_place(const struct fragment *fragment, const struct track *track) {
  enum { LARGEST_GAP_SECONDS = 2 };
  return fragment->time >= track->end && fragment->time - track->end <= LARGEST_GAP_SECONDS * track->timescale;
}

/* The fragment that these bytes begin with. Whatever is not wholly as expected is somebody else's to understand. */
static enum finding find_fragment(const uint8_t *bytes, size_t length, size_t most, const struct track *tracks,
                                  int track_count, struct fragment *fragment) {
  if (length < 8) return NOT_WHOLE;
  const size_t moof = read_uint32(bytes);
  if (read_uint32(bytes + 4) != FOURCC('m', 'o', 'o', 'f') || moof < 8 || moof > MOST_MOOF) return NOT_OURS;
  if (length < moof + 8) return NOT_WHOLE;
  const size_t mdat = read_uint32(bytes + moof);
  if (read_uint32(bytes + moof + 4) != FOURCC('m', 'd', 'a', 't') || mdat < 8 || mdat > most || moof + mdat > most) return NOT_OURS;
  if (length < moof + mdat) return NOT_WHOLE;
  double sample_bytes;
  fragment->length = moof + mdat;
  if (!read_moof(bytes, moof, tracks, track_count, fragment, &sample_bytes) || sample_bytes > mdat - 8.0) return NOT_OURS;
  return has_place(fragment, &tracks[fragment->track]) ? WHOLE : NOT_OURS;
}
#endif
