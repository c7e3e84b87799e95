import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { kubeRequest, NoAnswer, statusMessage } from '../kube/request.ts';
import { messageOf, type Observation, observed, within } from './observation.ts';

/**
 * One request to the API server as an identity.
 * Fact: `{ state, status, body, json? }`; `state` is `answered`, the state of a connection that did not come about, or `no-answer`
 * (the connection broke). Unless answered, `status` is 0 and `body` ''. `json` only for a JSON body; `body` is cut to 64 KB.
 * A request that changes things changes the lab: scenarios add `?dryRun=All`.
 */
export async function observeKubeRequest(
  probe: Extract<Probe, { kind: 'kube-request' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const who = typeof probe.as === 'string' ? probe.as : 'user' in probe.as ? probe.as.user : probe.as.serviceAccount;
  const what = `${probe.method} ${probe.path} as ${who}${probe.from === undefined ? '' : ` from ${probe.from}`}`;
  const time = within(signal, probe.timeout);
  try {
    const answer = await kubeRequest(await lab.kubeAccess(probe.as), {
      method: probe.method,
      path: probe.path,
      body: probe.body,
      contentType: probe.contentType,
      ...(probe.from === undefined ? {} : { from: await lab.host(probe.from) }),
      signal: time.signal,
    });
    const words = answer.status >= 400 ? ` ${statusMessage(answer)}` : '';
    const body = answer.text.slice(0, 64 * 1024);
    return observed(
      { state: 'answered', status: answer.status, body, ...(answer.json === undefined ? {} : { json: answer.json }) },
      `${what}: ${answer.status}${words}`,
    );
  } catch (error) {
    signal.throwIfAborted();
    const state = error instanceof NoAnswer ? error.state : time.expired() ? 'timeout' : 'no-answer';
    return observed({ state, status: 0, body: '' }, `${what}: ${state} (${messageOf(error)})`);
  }
}
