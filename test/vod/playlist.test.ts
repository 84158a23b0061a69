import t from 'tap'
import { rewritePlaylist } from '../../src/vod/playlist.ts'

const FOLDER = '/vod/event/1.5-abc/'
const rewrite = (...lines: string[]) =>
  rewritePlaylist(['#EXTM3U', ...lines].join('\n'), FOLDER, 'P/')
    .split('\n')
    .slice(1)

t.test('an address in a playlist would stay where the client cannot reach it', async t => {
  t.same(rewrite('#EXTINF:2.0,', 'seg-1-v1-a1.ts'), ['#EXTINF:2.0,', 'P/seg-1-v1-a1.ts'])
  t.same(rewrite('index-v1-a1.m3u8?token=x'), ['P/index-v1-a1.m3u8'], 'queries are dropped')
  t.same(rewrite('http://frigate:5000/vod/event/1.5-abc/seg-1.m4s'), ['P/seg-1.m4s'])
  t.same(rewrite('/vod/event/1.5-abc/seg-1.m4s'), ['P/seg-1.m4s'])
  t.same(rewrite('#EXT-X-MAP:URI="init-v1-a1.mp4",BYTERANGE="1@0"'), [
    '#EXT-X-MAP:URI="P/init-v1-a1.mp4",BYTERANGE="1@0"',
  ])
  t.same(rewrite('#EXT-X-MEDIA:TYPE=AUDIO,URI="audio.m3u8"', '', '#EXT-X-ENDLIST'), [
    '#EXT-X-MEDIA:TYPE=AUDIO,URI="P/audio.m3u8"',
    '',
    '#EXT-X-ENDLIST',
  ])
})

t.test('a player would load what a tag names that is not known here', async t => {
  const evil = 'http://evil.example/x.json'
  const dropped = [
    '# a comment',
    `#EXT-X-DATERANGE:ID="x",X-ASSET-LIST="${evil}"`,
    `#EXT-X-DATERANGE:ID="x",X-ASSET-URI="${evil}"`,
    `#EXT-X-CONTENT-STEERING:SERVER-URI="${evil}"`,
    `#EXT-X-DEFINE:NAME="a",VALUE="${evil}"`,
    `#EXT-X-SESSION-DATA:DATA-ID="x",URI="${evil}"`,
  ]
  for (const line of dropped) t.same(rewrite(line, 'seg-1.ts'), ['P/seg-1.ts'], line)
  t.same(rewrite(`#EXTINF:2.0,${evil}`, 'seg-1.ts'), ['#EXTINF:2.0,', 'P/seg-1.ts'])
  t.same(rewrite(`#EXT-X-STREAM-INF:BANDWIDTH=1,X-ASSET-URI="${evil}"`, 'i.m3u8'), [
    '#EXT-X-STREAM-INF:BANDWIDTH=1',
    'P/i.m3u8',
  ])
  const refused = [
    `#EXT-X-MAP:URI=${evil}`,
    '#EXT-X-MAP:URI=seg-1.ts',
    `#EXT-X-MAP:URI ="${evil}"`,
    `#EXT-X-MAP: URI="${evil}"`,
    `#EXT-X-KEY:METHOD=AES-128,URI="${evil}"`,
    `#EXT-X-MAP:URI='${evil}'`,
    `#EXT-X-MAP:BYTERANGE="1@0" URI="${evil}"`,
    `#EXTINF:2.0,\r${evil}`,
    'seg-1.ts\r#EXTINF:2.0,',
    `#EXTINF:2.0,\rseg-1.ts`,
    `#EXT-X-MAP:uri="${evil}"`,
    `#ext-x-map:uri="${evil}"`,
    `#EXT-X-MAP:URI='seg-1.ts'`,
    `#EXT-X-STREAM-INF:CODECS='avc1',URI="${evil}"`,
    `#ext-x-key:method=AES-128,Uri="${evil}"`,
  ]
  for (const line of refused) t.throws(() => rewrite(line), { code: 'PLAYLIST_UNUSABLE' }, line)
})

t.test('tags and attributes in another case must be read as those that they are', async t => {
  t.same(rewrite('#extinf:2.0,', 'seg-1.ts', '#ext-x-endlist'), [
    '#EXTINF:2.0,',
    'P/seg-1.ts',
    '#EXT-X-ENDLIST',
  ])
  t.same(rewrite('#Ext-X-Map:Uri="init-v1-a1.mp4",ByteRange="1@0"'), [
    '#EXT-X-MAP:URI="P/init-v1-a1.mp4",BYTERANGE="1@0"',
  ])
  t.same(rewrite('#EXTINF:2.0,\r', 'seg-1.ts\r', ''), ['#EXTINF:2.0,', 'P/seg-1.ts', ''], 'CRLF ends a line')
})

t.test('a playlist would lead out of its folder, or be none', async t => {
  const bad = [
    '../../api/config',
    '/api/config',
    'http://frigate/vod/event/other/seg-1.ts',
    'sub/seg-1.ts',
    '..%2fconfig.ts',
    'seg 1.ts',
    'seg-1.exe',
    'javascript:alert(1)',
    '.ts',
  ]
  for (const address of bad) {
    t.throws(() => rewrite(address), { code: 'PLAYLIST_UNUSABLE' }, address)
    t.throws(() => rewrite(`#EXT-X-MAP:URI="${address}"`), { code: 'PLAYLIST_UNUSABLE' }, address)
  }
  t.throws(() => rewritePlaylist('<html>', FOLDER, 'P/'), { code: 'PLAYLIST_UNUSABLE' })
})
