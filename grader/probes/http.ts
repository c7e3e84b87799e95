import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { exchange, jsonOf, overTls } from '../kube/exchange.ts';
import { messageOf, type Observation, observed, unobservable, within } from './observation.ts';
import { connected } from './origin.ts';

const BODY_BYTES = 64 * 1024;

/**
 * One HTTP request from a host's network; certificates are not verified (probe `tls` looks at them).
 * Fact: `{ state, status, headers, body, json? }` where `state` is `answered`, the state of a connection that did not come about
 * (`refused`, `timeout`, `unreachable`, `unresolved`) or `no-http` when something is there that does not speak it. Unless answered,
 * `status` is 0, `headers` `{}` and `body` ''. A connection that is taken and never answered cannot be observed. Header names are in lower case; `body` is at most 64 KB; `json` only for a JSON body.
 */
export async function observeHttp(
  probe: Extract<Probe, { kind: 'http' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const what = `${probe.method} ${probe.tls ? 'https' : 'http'}://${probe.to}:${probe.port}${probe.path} from ${probe.from}`;
  const silent = (state: string, detail: string): Observation =>
    observed({ state, status: 0, headers: {}, body: '' }, `${what}: ${state} (${detail})`);

  const dialled = await connected(lab, probe, signal);
  signal.throwIfAborted();
  if (dialled.outcome !== 'open') return silent(dialled.outcome, dialled.detail);
  const time = within(signal, probe.timeout);
  try {
    const socket = probe.tls ? await overTls(dialled.socket, {}, time.signal) : dialled.socket;
    const answer = await exchange(socket, {
      method: probe.method,
      path: probe.path,
      host: `${probe.to}:${probe.port}`,
      headers: probe.headers,
      body: probe.body,
      maxBytes: BODY_BYTES,
      signal: time.signal,
    });
    const json = jsonOf(answer.text);
    return observed(
      {
        state: 'answered',
        status: answer.status,
        headers: answer.headers,
        body: answer.text,
        ...(json === undefined ? {} : { json }),
      },
      `${what}: ${answer.status}\n${answer.text.slice(0, 200)}`.trimEnd(),
    );
  } catch (error) {
    signal.throwIfAborted();
    // Something took the connection: slow is not closed, and a grader that cannot wait must not say so.
    return time.expired()
      ? unobservable(`${what}: connected, but there was no answer in ${probe.timeout} s`)
      : silent('no-http', messageOf(error));
  }
}
