/** What the stand-in answers to an offer of WebRTC: a session without media. */
export const ANSWER = 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=stand-in without media\r\nt=0 0\r\n'
export const CANDIDATE = 'candidate:1 1 tcp 2105458943 127.0.0.1 9 typ host tcptype passive'
