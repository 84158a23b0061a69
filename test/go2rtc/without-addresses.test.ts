import t from 'tap'
import { withoutAddresses } from '../../src/go2rtc/without-addresses.ts'

const SECRETS = ['hunter2', 'admin', '10.0.0.7', '192.168.1.5', 'nursery-cam', 'fe80', '2001:db8', 'cam.lan']

t.test('what go2rtc says of a failure tells a viewer where cameras are, or their passwords', async t => {
  const cases: [string, string][] = [
    ['streams: rtsp://admin:hunter2@10.0.0.7:554/ch0 is down', 'streams: … is down'],
    ['rtsp://admin:hunt er2@10.0.0.7/ch0', '… …'],
    ['dial tcp 192.168.1.5:554: connect: connection refused', 'dial tcp …: connect: connection refused'],
    ['dial tcp [fe80::1%eth0]:554: i/o timeout', 'dial tcp …: i/o timeout'],
    ['dial tcp [2001:db8::5]:554: i/o timeout', 'dial tcp …: i/o timeout'],
    ['no route to 2001:db8::5', 'no route to …'],
    ['lookup nursery-cam on 192.168.1.5:53: no such host', 'lookup … on …: no such host'],
    ['Get "http://admin:hunter2@10.0.0.7/x?user=admin": EOF', 'Get …: EOF'],
    [
      'parse "rtsp://admin:hunter2@10.0.0.7:a": invalid port ":a" after host',
      'parse …: invalid port … after host',
    ],
    ['exec: ffmpeg -i rtsp://admin:hunter2@10.0.0.7 -f mpegts', '…'],
    ['unsupported scheme ffmpeg:nursery-cam#video=h264', 'unsupported scheme …'],
    ['onvif: admin:hunter2@nursery-cam: 401 Unauthorized', 'onvif: … 401 Unauthorized'],
    ['connect ECONNREFUSED 10.0.0.7:1984', 'connect ECONNREFUSED …'],
    ['connect ECONNREFUSED ::1:1984', 'connect ECONNREFUSED …'],
    ['cam.lan:554 said no', '… said no'],
    ['tapo://hunter2@192.168.1.5', '…'],
    ['homekit://192.168.1.5:51826?device_id=admin&client_private=hunter2', '…'],
  ]
  for (const [said, left] of cases) {
    t.equal(withoutAddresses(said), left, said)
    for (const secret of SECRETS) t.notMatch(withoutAddresses(said), secret)
  }
})

t.test('a failure that names no address loses its words', async t => {
  for (const said of [
    'mse: codecs not matched: video:H265, audio:PCMA => video:H264',
    'wrong response on DESCRIBE: 404 Not Found',
    'i/o timeout after 5.5 s',
    'unexpected EOF',
    '',
  ])
    t.equal(withoutAddresses(said), said)
  t.equal(withoutAddresses('first\n second\t third '), 'first second third')
})

t.test('a hostile text takes long, or fills the log', async t => {
  for (const piece of ['a:', '@', '"', '"\\', ':', 'a.', '1.', '[:', 'rtsp://', 'a-']) {
    const started = performance.now()
    t.ok(withoutAddresses(piece.repeat(5000)).length <= 300)
    t.ok(performance.now() - started < 2000, piece)
  }
})
