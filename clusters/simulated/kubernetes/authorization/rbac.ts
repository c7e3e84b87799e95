import type { Attributes, Authorizer, Decision } from './authorizer.ts';
import { ruleAllows } from './rule-match.ts';
import { missingRole, type Grant, type RuleResolver } from './rule-resolver.ts';

const NO_OPINION: Decision = { decision: 'no opinion', reason: '' };

/** plugin/pkg/auth/authorizer/rbac/rbac.go, with its reasons. */
export function rbacAuthorizer(resolver: RuleResolver): Authorizer {
  return {
    authorize(asked: Attributes): Decision {
      let errors: string[] | undefined;
      for (const grant of resolver.grants(asked.user, asked.isResource ? asked.namespace : '')) {
        if (grant.rules === undefined) (errors ??= []).push(missingRole(grant.binding.roleRef));
        else {
          for (const rule of grant.rules) {
            if (ruleAllows(rule, asked)) return { decision: 'allow', reason: `RBAC: allowed by ${describe(grant)}` };
          }
        }
      }
      if (errors === undefined) return NO_OPINION;
      const texts = [...new Set(errors)];
      return { decision: 'no opinion', reason: `RBAC: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}` };
    },
  };
}

function describe({ binding, subject }: Grant): string {
  const { name, namespace } = binding.metadata;
  const bound = namespace === undefined ? name : `${name}/${namespace}`;
  const to =
    subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? namespace ?? ''}` : subject.name;
  return `${binding.kind} "${bound}" of ${binding.roleRef.kind} "${binding.roleRef.name}" to ${subject.kind} "${to}"`;
}
