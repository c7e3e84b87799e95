import { type ApiAnswer, askApi } from './api-request.ts';
import { type KubeAccess, LabError } from './cluster.ts';

/** Asks for a token of `namespace/name` by a TokenRequest, as `access`. Throws `LabError`. */
export async function serviceAccountToken(account: string, access: KubeAccess): Promise<string> {
  const [namespace, name] = account.split('/').map((part) => encodeURIComponent(part));
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const failed = (why: string, cause?: unknown): LabError =>
    new LabError(
      `There is no token for the ServiceAccount ${account}: ${why}`,
      'Check that it exists and that the API server runs.',
      { cause },
    );
  let answer: ApiAnswer;
  try {
    answer = await askApi(access, { method: 'POST', path, body });
  } catch (cause) {
    throw failed('the API server does not answer', cause);
  }
  const { status, message } = answer.body as { status?: { token?: string }; message?: string };
  if (status?.token === undefined) throw failed(message ?? `status ${answer.status}`);
  return status.token;
}
