import { httpsCall, type Dial } from './https-call.ts';
import type { Endpoint } from './kubeconfig-endpoint.ts';

/** Posts JSON to a webhook and returns its JSON answer. Rejects with `Post "<url>": …` as Go's client says it. */
export async function postJson(
  endpoint: Endpoint,
  body: unknown,
  options: { dial: Dial; timeoutMs: number },
): Promise<unknown> {
  let answer: { status: number; body: string };
  try {
    answer = await httpsCall({
      url: endpoint.url,
      method: 'POST',
      body: JSON.stringify(body),
      headers: endpoint.token === undefined ? {} : { authorization: `Bearer ${endpoint.token}` },
      certificateAuthority: endpoint.certificateAuthority,
      clientCertificate: endpoint.clientCertificate,
      serverName: endpoint.serverName,
      skipVerify: endpoint.skipVerify,
      timeoutMs: options.timeoutMs,
      dial: options.dial,
    });
  } catch (error) {
    throw new Error(`Post "${endpoint.url}": ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  if (answer.status < 200 || answer.status > 299) {
    throw new Error(
      answer.status === 404
        ? 'the server could not find the requested resource'
        : `an error on the server ("${answer.body.slice(0, 200)}") has prevented the request from succeeding`,
    );
  }
  try {
    return JSON.parse(answer.body);
  } catch (error) {
    throw new Error(`couldn't get version/kind; json parse error: ${(error as Error).message}`, { cause: error });
  }
}
