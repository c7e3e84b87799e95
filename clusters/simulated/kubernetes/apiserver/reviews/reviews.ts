import type { UserInfo } from '../../authentication/user.ts';
import type { Attributes } from '../../authorization/authorizer.ts';
import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { timestamp } from '../../../clock.ts';
import { badRequest, invalid, type FieldError } from '../../status.ts';
import { negotiate } from '../encode/negotiate.ts';
import { expectedOf, readObject } from '../endpoints/body.ts';
import { bind } from '../endpoints/binding.ts';
import { writeOptions } from '../endpoints/options.ts';
import type { ResourceExchange } from '../http/exchange.ts';
import { methodNotAllowed, pageNotFound } from '../http/refuse.ts';
import { sendObject } from '../http/respond.ts';

/** Kinds that are questions: created, answered, never stored. `bindings` is an order that is not stored either. */
const REVIEWS: ReadonlySet<string> = new Set([
  'tokenreviews.authentication.k8s.io',
  'selfsubjectreviews.authentication.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
  'localsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
  'bindings.',
]);

export const isReview = (row: Resource): boolean => REVIEWS.has(`${row.plural}.${row.group}`);

/** Answers a review (pkg/registry/{authentication,authorization}). */
export async function review(exchange: ResourceExchange): Promise<void> {
  const { row, info, request } = exchange;
  if (info.name !== '' || (row.namespaced && info.namespace === '')) return pageNotFound(exchange);
  if (info.verb !== 'create') return methodNotAllowed();
  if (row.plural === 'bindings') return bind(exchange);
  const format = negotiate(request.headers.accept);
  const object = await readObject(exchange, expectedOf(row), writeOptions(exchange, 'CreateOptions'));
  const answered = await answer(exchange, object);
  if (answered.metadata.name === '') delete (answered.metadata as { name?: string }).name;
  sendObject(exchange, 201, answered, format);
}

function answer(exchange: ResourceExchange, object: KubeObject): KubeObject | Promise<KubeObject> {
  switch (exchange.row.plural) {
    case 'tokenreviews':
      return exchange.parts.security.tokens.review(object);
    case 'selfsubjectreviews':
      object.metadata.creationTimestamp = timestamp(exchange.parts.registry.clock);
      return { ...object, status: { userInfo: wireUser(exchange.user) } };
    case 'selfsubjectrulesreviews':
      return rulesReview(exchange, object);
    default:
      return accessReview(exchange, object);
  }
}

const wireUser = ({ username, uid, groups, extra }: UserInfo): object => ({
  username,
  ...(uid ? { uid } : {}),
  ...(groups.length > 0 ? { groups } : {}),
  ...(Object.keys(extra).length > 0 ? { extra } : {}),
});

function rulesReview({ user, parts }: ResourceExchange, object: KubeObject): KubeObject {
  const { namespace } = (object['spec'] ?? {}) as { namespace?: string };
  if (!namespace) throw badRequest('no namespace on request');
  const { resourceRules, nonResourceRules, incomplete, evaluationError } = parts.security.rulesFor(user, namespace);
  const status = { resourceRules, nonResourceRules, incomplete, ...(evaluationError ? { evaluationError } : {}) };
  return { ...object, status };
}

interface AccessSpec {
  resourceAttributes?: Record<string, string | undefined>;
  nonResourceAttributes?: { path?: string; verb?: string };
  user?: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

async function accessReview({ row, info, user, parts }: ResourceExchange, object: KubeObject): Promise<KubeObject> {
  const spec = (object['spec'] ?? {}) as AccessSpec;
  const self = row.kind === 'SelfSubjectAccessReview';
  const local = row.kind === 'LocalSubjectAccessReview';
  const errors = findings(spec, self);
  if (errors.length > 0) throw invalid(row, '', errors);
  if (local && (spec.resourceAttributes?.['namespace'] ?? '') !== info.namespace) {
    throw invalid(row, '', [
      {
        type: 'FieldValueInvalid',
        field: 'spec.resourceAttributes.namespace',
        message: `Invalid value: ${JSON.stringify(spec.resourceAttributes?.['namespace'] ?? '')}: must match metadata.namespace`,
      },
    ]);
  }
  const subject: UserInfo = self
    ? user
    : {
        username: spec.user ?? '',
        groups: spec.groups ?? [],
        extra: spec.extra ?? {},
        ...(spec.uid ? { uid: spec.uid } : {}),
      };
  const { decision, reason } = await parts.security.authorizer.authorize(attributesOf(spec, subject));
  const status = {
    allowed: decision === 'allow',
    ...(decision === 'deny' ? { denied: true } : {}),
    ...(reason === '' ? {} : { reason }),
  };
  return { ...object, status };
}

function findings(spec: AccessSpec, self: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes && nonResourceAttributes) {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'spec.nonResourceAttributes',
      message: `Invalid value: ${JSON.stringify(nonResourceAttributes)}: cannot be specified in combination with resourceAttributes`,
    });
  }
  if (!resourceAttributes && !nonResourceAttributes) {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'spec.resourceAttributes',
      message: 'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    });
  }
  if (!self && !spec.user && (spec.groups ?? []).length === 0) {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'spec.user',
      message: 'Invalid value: "": at least one of user or group must be specified',
    });
  }
  return errors;
}

function attributesOf({ resourceAttributes, nonResourceAttributes }: AccessSpec, user: UserInfo): Attributes {
  if (!resourceAttributes) {
    return {
      user,
      isResource: false,
      verb: nonResourceAttributes?.verb ?? '',
      path: nonResourceAttributes?.path ?? '',
    };
  }
  const {
    verb = '',
    group = '',
    version = '*',
    resource = '',
    subresource = '',
    namespace = '',
    name = '',
  } = resourceAttributes;
  return { user, isResource: true, verb, group, version, resource, subresource, namespace, name };
}
