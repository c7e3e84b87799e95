import type { Environment } from '@marcbachmann/cel-js';
import { accountUser } from '../../../authentication/service-account-tokens.ts';
import type { UserInfo } from '../../../authentication/user.ts';
import type { Attributes, Authorizer, Decision } from '../../../authorization/authorizer.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../model/names.ts';
import { spend } from '../budget.ts';

type ResourceParts = Omit<Extract<Attributes, { isResource: true }>, 'user' | 'verb' | 'isResource'>;

/** Who asks, for the variable `authorizer`; `requestResource` is what the request is about. */
export class CelAuthorizer {
  readonly user: UserInfo;
  readonly authorizer: Authorizer;
  readonly requestResource: ResourceCheck | undefined;
  constructor(user: UserInfo, authorizer: Authorizer, about?: ResourceParts) {
    this.user = user;
    this.authorizer = authorizer;
    this.requestResource = about && new ResourceCheck(this, about);
  }
}

class GroupCheck {
  readonly by: CelAuthorizer;
  readonly group: string;
  constructor(by: CelAuthorizer, group: string) {
    this.by = by;
    this.group = group;
  }
}
class ResourceCheck {
  readonly by: CelAuthorizer;
  readonly parts: ResourceParts;
  constructor(by: CelAuthorizer, parts: ResourceParts) {
    this.by = by;
    this.parts = parts;
  }
  with(parts: Partial<ResourceParts>): ResourceCheck {
    return new ResourceCheck(this.by, { ...this.parts, ...parts });
  }
}
class PathCheck {
  readonly by: CelAuthorizer;
  readonly path: string;
  constructor(by: CelAuthorizer, path: string) {
    this.by = by;
    this.path = path;
  }
}
class CelDecision {
  readonly decision: Decision;
  readonly error: string;
  constructor(decision: Decision, error = '') {
    this.decision = decision;
    this.error = error;
  }
}

/** What one question to the authorizer costs; upstream takes 350,000, where it may be a call to another machine. */
const CHECK_COST = 10_000;

function decide({ authorizer }: CelAuthorizer, asked: Attributes): CelDecision {
  spend(CHECK_COST);
  const decision = authorizer.authorize(asked);
  if (!(decision instanceof Promise)) return new CelDecision(decision);
  decision.catch(() => undefined);
  return new CelDecision(
    { decision: 'no opinion', reason: '' },
    'not simulated: authorizer in expressions where a webhook authorizes',
  );
}

function serviceAccount({ authorizer }: CelAuthorizer, namespace: string, name: string): CelAuthorizer {
  const wrong = dns1123SubdomainErrors(name);
  if (wrong.length > 0) throw new Error(`Invalid service account name`);
  if (dns1123LabelErrors(namespace).length > 0) throw new Error(`Invalid service account namespace`);
  const { uid: _uid, ...user } = accountUser(namespace, name, '', {});
  return new CelAuthorizer({ ...user, groups: [...user.groups, 'system:authenticated'] }, authorizer);
}

const filled = (what: string, text: string): string => {
  if (text.trim() === '') throw new Error(`${what} must not be empty`);
  return text;
};

/** apiserver/pkg/cel/library/authz.go; registered where `authorizer` is a variable. */
export function authorizerLibrary(environment: Environment): void {
  const prefix = 'kubernetes.authorization.';
  const [who, group, resource, path, answer] = [
    'Authorizer',
    'GroupCheck',
    'ResourceCheck',
    'PathCheck',
    'Decision',
  ].map((name) => prefix + name);
  environment
    .registerType(`${group}`, { ctor: GroupCheck, fields: {} })
    .registerType(`${resource}`, { ctor: ResourceCheck, fields: {} })
    .registerType(`${path}`, { ctor: PathCheck, fields: {} })
    .registerType(`${answer}`, { ctor: CelDecision, fields: {} })
    .registerType(`${who}`, { ctor: CelAuthorizer, fields: { requestResource: `${resource}` } })
    .registerFunction(
      `${who}.path(string): ${path}`,
      (by: CelAuthorizer, at: string) => new PathCheck(by, filled('path', at)),
    )
    .registerFunction(`${who}.group(string): ${group}`, (by: CelAuthorizer, name: string) => new GroupCheck(by, name))
    .registerFunction(`${who}.serviceAccount(string, string): ${who}`, serviceAccount)
    .registerFunction(
      `${group}.resource(string): ${resource}`,
      ({ by, group: name }: GroupCheck, plural: string) =>
        new ResourceCheck(by, {
          group: name,
          version: '*',
          resource: filled('resource', plural),
          subresource: '',
          namespace: '',
          name: '',
        }),
    )
    .registerFunction(`${path}.check(string): ${answer}`, ({ by, path: at }: PathCheck, verb: string) =>
      decide(by, { user: by.user, verb, isResource: false, path: at }),
    )
    .registerFunction(`${resource}.check(string): ${answer}`, ({ by, parts }: ResourceCheck, verb: string) =>
      decide(by, { user: by.user, verb, isResource: true, ...parts }),
    )
    .registerFunction(`${answer}.allowed(): bool`, ({ decision }: CelDecision) => decision.decision === 'allow')
    .registerFunction(`${answer}.reason(): string`, ({ decision }: CelDecision) => decision.reason)
    .registerFunction(`${answer}.errored(): bool`, ({ error }: CelDecision) => error !== '')
    .registerFunction(`${answer}.error(): string`, ({ error }: CelDecision) => error)
    .registerFunction(`${resource}.labelSelector(string): ${resource}`, (check: ResourceCheck) => check);
  for (const part of ['subresource', 'namespace', 'name', 'fieldSelector'] as const) {
    environment.registerFunction(`${resource}.${part}(string): ${resource}`, (check: ResourceCheck, value: string) =>
      check.with({ [part]: value }),
    );
  }
}

export const AUTHORIZER_TYPE = 'kubernetes.authorization.Authorizer';
