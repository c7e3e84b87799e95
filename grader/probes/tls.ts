import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { overTls } from '../kube/exchange.ts';
import { messageOf, type Observation, observed, within } from './observation.ts';
import { connected } from './origin.ts';

/**
 * A TLS handshake from a host's network, without a client certificate.
 * Fact: `{ state, protocol, cipher, subject, issuer, names, notAfter, fingerprint256 }` where `state` is `secured`, `no-tls` (something
 * listens, the handshake failed) or the state of a connection that did not come about; unless secured the rest is '' and [].
 * `subject` and `issuer` are common names, `names` the alternative names as `DNS:x` and `IP Address:x`, `notAfter` an ISO date.
 */
export async function observeTls(
  probe: Extract<Probe, { kind: 'tls' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const what = `TLS ${probe.from} → ${probe.to}:${probe.port}`;
  const nothing = { protocol: '', cipher: '', subject: '', issuer: '', names: [], notAfter: '', fingerprint256: '' };
  const dialled = await connected(lab, probe, signal);
  signal.throwIfAborted();
  if (dialled.outcome !== 'open') {
    return observed({ state: dialled.outcome, ...nothing }, `${what}: ${dialled.outcome} (${dialled.detail})`);
  }
  const time = within(signal, probe.timeout);
  try {
    const isName = !/^[\d.]+$|:/.test(probe.to);
    const socket = await overTls(dialled.socket, isName ? { servername: probe.to } : {}, time.signal);
    const certificate = socket.getPeerCertificate();
    const fact = {
      state: 'secured',
      protocol: socket.getProtocol() ?? '',
      cipher: socket.getCipher().name,
      subject: commonName(certificate.subject),
      issuer: commonName(certificate.issuer),
      names: certificate.subjectaltname?.split(', ') ?? [],
      notAfter: new Date(certificate.valid_to).toISOString(),
      fingerprint256: certificate.fingerprint256,
    };
    socket.on('error', () => {});
    socket.destroy();
    return observed(
      fact,
      `${what}: ${fact.protocol}, ${fact.subject} signed by ${fact.issuer}, until ${fact.notAfter}`,
    );
  } catch (error) {
    signal.throwIfAborted();
    const state = time.expired() ? 'timeout' : 'no-tls';
    return observed({ state, ...nothing }, `${what}: ${state} (${messageOf(error)})`);
  }
}

function commonName(name: { CN?: string | string[] } | undefined): string {
  const value = name?.CN;
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}
