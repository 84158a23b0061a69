/** How a stranger, or a client with a fault, may write a token into an address; `@` is where it stands. */
export const ADDRESSES = [
  '/a?token=@',
  '/a?a=b?token=@',
  '/a?a=b;token=@',
  '/a?a=b&amp;token=@',
  '/a?TOKEN=@',
  '/a?%74oken=@',
  '/a?%54%4F%4b%45%4e%3D@',
  '/a?access_token=@',
  '/a;token=@',
  '/a&token=@',
  '/a#token=@',
  '/a/token=@/b',
  '/a?x=%3Ftoken%3D@',
  '/a?token=&token=@',
  '/a?%zz&token=@&%',
  '/a?@',
  '/a/@/b',
  '/a?t=@',
  '/api/hls/@/media.m3u8',
  '/api/hls/clip/@/0.m4s',
]

/** Where a path handle stands in an address, and `@` for it. */
export const HANDLE_PLACES = [
  '/api/hls/@/media.m3u8',
  '/api/hls/clip/@/0.m4s',
  '/api/hls/recording/@',
  '/API/HLS/@/x',
  '/%61pi/h%6Cs/@/x',
  '/api%2fhls%2F@',
  '/api/hls/%63lip/@/x?y',
  '../hls/@/x',
  '/api//hls/@#x',
]
