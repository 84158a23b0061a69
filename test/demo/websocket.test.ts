import t from 'tap'
import { startGo2rtc } from '../support/go2rtc.ts'
import { until } from '../support/until.ts'
import { fragmentsOf } from './boxes.ts'
import { connect } from './connect.ts'

t.test('mse: the content type, then the init segment, then one fragment a message', async t => {
  const go2rtc = await startGo2rtc(t)
  const { messages, media, ask, socket } = await connect(t, `${go2rtc.origin}/api/ws?src=Garden`)
  ask('mse', 'avc1.640029,avc1.64002A,hvc1.1.6.L153.B0,mp4a.40.2,opus')
  await until(() => media.length > 5)
  t.same(messages, [{ type: 'mse', value: 'video/mp4; codecs="avc1.64001E,mp4a.40.2"' }])
  t.equal(media[0]?.toString('latin1', 4, 8), 'ftyp')
  t.ok(media.slice(1).every(message => fragmentsOf(message).length === 1))
  t.match(fragmentsOf(media[1] as Buffer)[0], { decodeTime: 0, sync: true })
  socket.close()
  await until(() => go2rtc.stream('Garden').consumers.size === 0)
})

t.test('what cannot be had is an error message and the socket stays', async t => {
  const go2rtc = await startGo2rtc(t)
  const known = await connect(t, `${go2rtc.origin}/api/ws?src=Garden`)
  known.ask('mse', 'hvc1.1.6.L153.B0')
  known.ask('mjpeg')
  await until(() => known.messages.length === 2)
  t.match(known.messages, [
    { type: 'error', value: /^mse: streams: codecs not matched: .* => video:H265$/ },
    { type: 'mjpeg' },
  ])
  const unknown = await connect(t, `${go2rtc.origin}/api/ws?src=nobody`)
  unknown.ask('mse')
  await until(() => unknown.messages.length === 1)
  t.same(unknown.messages, [{ type: 'error', value: 'mse: stream not found' }])
  t.equal(go2rtc.created, 1)
})

t.test('a page of another host may not connect', async t => {
  const go2rtc = await startGo2rtc(t)
  const headers = { origin: 'http://evil.example' }
  await t.rejects(connect(t, `${go2rtc.origin}/api/ws?src=Garden`, headers), { message: /403/ })
  await connect(t, `${go2rtc.origin}/api/ws?src=Garden`, { origin: go2rtc.origin })
})
