import { X509Certificate } from 'node:crypto'
import type { PeerCertificate } from 'node:tls'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * What TLS towards Frigate is checked against: the public authorities, or `ca` (PEM) instead of them. The certificate that
 * Frigate makes for itself names no host (`CN=*`): one that is itself in `ca` is taken whatever the host is called.
 */
export function trust(ca: string | undefined) {
  if (ca === undefined) return { rejectUnauthorized: true }
  const known = (ca.match(CERTIFICATE) ?? []).map(pem => new X509Certificate(pem).raw)
  return {
    rejectUnauthorized: true,
    ca,
    checkServerIdentity: (host: string, certificate: PeerCertificate): Error | undefined => {
      if (known.some(raw => raw.equals(certificate.raw))) return undefined
      return process.getBuiltinModule('node:tls').checkServerIdentity(host, certificate)
    },
  }
}

/** Whether a connection failed because of the certificate, by the code of its error. */
export function isDistrust(code: string): boolean {
  return /CERT|SIGNATURE|ISSUER/.test(code)
}
