import type { Attributes, Authorizer, Decision } from './authorizer.ts';
import { ruleAllows } from './rule-match.ts';
import { missingRole, type Grant, type RuleResolver } from './rule-resolver.ts';

const NO_OPINION: Decision = { decision: 'no opinion', reason: '' };

/** What holds for one kind of request whatever its name is, in the order in which the rules are asked. */
interface Answer {
  readonly allowing: readonly { readonly names: readonly string[] | undefined; readonly decision: Decision }[];
  readonly otherwise: Decision;
}

/** Kinds of requests whose answer is remembered; forgotten together when there are more, and with any change of RBAC's objects. */
const MOST_REMEMBERED = 2000;

/** plugin/pkg/auth/authorizer/rbac/rbac.go, with its reasons. Looking the rules through takes 15 µs, remembering what they say 1 µs. */
export function rbacAuthorizer(resolver: RuleResolver): Authorizer {
  const answers = new Map<string, Answer>();
  let generation = resolver.generation;
  return {
    authorize(asked: Attributes): Decision {
      if (generation !== resolver.generation || answers.size >= MOST_REMEMBERED) {
        answers.clear();
        generation = resolver.generation;
      }
      const key = keyOf(asked);
      let answer = answers.get(key);
      if (answer === undefined) {
        answer = answerFor(resolver, asked);
        answers.set(key, answer);
      }
      const name = asked.isResource ? asked.name : '';
      for (const { names, decision } of answer.allowing) {
        if (names === undefined || names.includes(name)) return decision;
      }
      return answer.otherwise;
    },
  };
}

/** Line feeds part what cannot hold any: names of users and groups come from certificates, so each is told its length. */
function keyOf(asked: Attributes): string {
  const { user, verb } = asked;
  let key = `${user.username.length}:${user.username}`;
  for (const group of user.groups) key += `\n${group.length}:${group}`;
  return asked.isResource
    ? `${key}\n\n${verb}\n${asked.group}\n${asked.resource}\n${asked.subresource}\n${asked.namespace}`
    : `${key}\n${verb}\n${asked.path}`;
}

function answerFor(resolver: RuleResolver, asked: Attributes): Answer {
  const allowing: { names: readonly string[] | undefined; decision: Decision }[] = [];
  const errors = new Set<string>();
  for (const grant of resolver.grants(asked.user, asked.isResource ? asked.namespace : '')) {
    if (grant.rules === undefined) errors.add(missingRole(grant.binding.roleRef));
    for (const rule of grant.rules ?? []) {
      const named = asked.isResource && (rule.resourceNames ?? []).length > 0 ? rule.resourceNames : undefined;
      const { resourceNames: _names, ...anyName } = rule;
      if (!ruleAllows(named === undefined ? rule : anyName, asked)) continue;
      allowing.push({ names: named, decision: { decision: 'allow', reason: `RBAC: allowed by ${describe(grant)}` } });
      if (named === undefined) return { allowing, otherwise: NO_OPINION };
    }
  }
  const texts = [...errors];
  const reason = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return {
    allowing,
    otherwise: texts.length === 0 ? NO_OPINION : { decision: 'no opinion', reason: `RBAC: ${reason ?? ''}` },
  };
}

function describe({ binding, subject }: Grant): string {
  const { name, namespace } = binding.metadata;
  const bound = namespace === undefined ? name : `${name}/${namespace}`;
  const to =
    subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? namespace ?? ''}` : subject.name;
  return `${binding.kind} "${bound}" of ${binding.roleRef.kind} "${binding.roleRef.name}" to ${subject.kind} "${to}"`;
}
