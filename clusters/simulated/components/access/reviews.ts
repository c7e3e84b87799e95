import type { KubeAccess } from '../../../cluster.ts';
import { askApi } from '../../../api-request.ts';

/** Who asks a component. */
export interface Caller {
  readonly name: string;
  readonly groups: readonly string[];
}

/** What a component asks the API server about its own callers (apiserver/pkg/authentication/authenticatorfactory, …/authorizerfactory). */
export interface Reviews {
  /** TokenReview; undefined for a token that is no good, and where there is no answer. */
  authenticate(token: string): Promise<Caller | undefined>;
  /** SubjectAccessReview with those attributes; undefined where there is no answer. */
  mayDo(caller: Caller, attributes: object): Promise<boolean | undefined>;
}

/** Reviews that are asked for with that access. */
export function reviewsBy(access: () => KubeAccess): Reviews {
  async function review<T>(group: string, kind: string, spec: object): Promise<T | undefined> {
    const body = { apiVersion: `${group}/v1`, kind, spec };
    const path = `/apis/${group}/v1/${kind.toLowerCase()}s`;
    const answer = await askApi(access(), { method: 'POST', path, body }).catch(() => undefined);
    return answer?.status === 201 ? (answer.body as { status: T }).status : undefined;
  }
  return {
    async authenticate(token) {
      const status = await review<{ authenticated?: boolean; user?: { username: string; groups?: string[] } }>(
        'authentication.k8s.io',
        'TokenReview',
        { token },
      );
      if (status?.authenticated !== true || status.user === undefined) return undefined;
      return { name: status.user.username, groups: status.user.groups ?? [] };
    },
    async mayDo({ name: user, groups }, attributes) {
      const spec = { user, groups, ...attributes };
      const status = await review<{ allowed?: boolean }>('authorization.k8s.io', 'SubjectAccessReview', spec);
      return status && status.allowed === true;
    },
  };
}
