import type { UserInfo } from '../authentication/user.ts';
import type { KubeObject } from '../object.ts';
import type { Cluster } from '../store/cluster.ts';
import type { BindingObject, PolicyRule, RoleObject, Subject } from './rules.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** One binding that applies to a user. */
export interface Grant {
  readonly binding: BindingObject;
  readonly subject: Subject;
  /** Undefined when the role is missing. */
  readonly rules: readonly PolicyRule[] | undefined;
}

interface Bound {
  readonly binding: BindingObject;
  readonly subject: Subject;
}

/** Bindings by whom they name: `u:<user>` (ServiceAccounts by their user name) or `g:<group>`. */
type Index = ReadonlyMap<string, readonly Bound[]>;

/**
 * Finds what RBAC grants a user (pkg/registry/rbac/validation/rule.go). Bindings are indexed by subject, one index for the cluster
 * and one a namespace, each made when first asked for and dropped when a binding there changes; roles are read as they are.
 */
export class RuleResolver implements Disposable {
  readonly #cluster: Cluster;
  readonly #indexes = new Map<string, Index>();
  /** By kind, namespace and name; undefined for a role that is missing. Forgotten with any change of a role. */
  readonly #rules = new Map<string, readonly PolicyRule[] | undefined>();
  readonly #watches: readonly Disposable[];
  #generation = 0;

  /** Another number after every change of a role or a binding. */
  get generation(): number {
    return this.#generation;
  }

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    const forget = ({ object }: { object: KubeObject }): void => {
      this.#indexes.delete(object.metadata.namespace ?? '');
      this.#generation += 1;
    };
    const forgetRules = (): void => {
      this.#rules.clear();
      this.#generation += 1;
    };
    this.#watches = [
      cluster.watch(cluster.resource('clusterroles', GROUP), forgetRules),
      cluster.watch(cluster.resource('roles', GROUP), forgetRules),
      cluster.watch(cluster.resource('clusterrolebindings', GROUP), forget),
      cluster.watch(cluster.resource('rolebindings', GROUP), forget),
    ];
  }

  /** Bindings of the whole cluster first, then those of the namespace. Lazy, so that the first that allows ends the search. */
  *grants(user: UserInfo, namespace: string): Generator<Grant> {
    for (const scope of namespace === '' ? [''] : ['', namespace]) {
      const index = this.#index(scope);
      if (index.size === 0) continue;
      for (const key of [`u:${user.username}`, ...user.groups.map((group) => `g:${group}`)]) {
        for (const { binding, subject } of index.get(key) ?? []) {
          yield { binding, subject, rules: this.rulesOf(binding.roleRef, scope) };
        }
      }
    }
  }

  /** Every rule that holds for a user, and the roles that are bound but missing, in upstream's words. */
  rulesFor(user: UserInfo, namespace: string): { rules: PolicyRule[]; errors: string[] } {
    const rules: PolicyRule[] = [];
    const errors: string[] = [];
    for (const grant of this.grants(user, namespace)) {
      if (grant.rules === undefined) errors.push(missingRole(grant.binding.roleRef));
      else rules.push(...grant.rules);
    }
    return { rules, errors };
  }

  /** Undefined when there is no such role. */
  rulesOf(roleRef: BindingObject['roleRef'], namespace: string): readonly PolicyRule[] | undefined {
    const local = roleRef.kind === 'Role';
    const key = local ? `${namespace}/${roleRef.name}` : roleRef.name;
    if (this.#rules.has(key)) return this.#rules.get(key);
    const resource = this.#cluster.resource(local ? 'roles' : 'clusterroles', GROUP);
    const role = this.#cluster.get(resource, local ? namespace : '', roleRef.name);
    const rules = role === undefined ? undefined : ((role as RoleObject).rules ?? []);
    this.#rules.set(key, rules);
    return rules;
  }

  [Symbol.dispose](): void {
    for (const watch of this.#watches) watch[Symbol.dispose]();
  }

  #index(namespace: string): Index {
    const known = this.#indexes.get(namespace);
    if (known !== undefined) return known;
    const index = new Map<string, Bound[]>();
    const bindings =
      namespace === ''
        ? this.#cluster.list(this.#cluster.resource('clusterrolebindings', GROUP))
        : this.#cluster.list(this.#cluster.resource('rolebindings', GROUP), namespace);
    for (const binding of bindings as readonly BindingObject[]) {
      for (const subject of binding.subjects ?? []) {
        const key = subjectKey(subject, namespace);
        if (key === undefined) continue;
        const bound = index.get(key);
        if (bound === undefined) index.set(key, [{ binding, subject }]);
        else bound.push({ binding, subject });
      }
    }
    this.#indexes.set(namespace, index);
    return index;
  }
}

function subjectKey(subject: Subject, bindingNamespace: string): string | undefined {
  switch (subject.kind) {
    case 'User':
      return `u:${subject.name}`;
    case 'Group':
      return `g:${subject.name}`;
    case 'ServiceAccount': {
      const namespace = subject.namespace ?? bindingNamespace;
      return namespace === '' ? undefined : `u:system:serviceaccount:${namespace}:${subject.name}`;
    }
    default:
      return undefined;
  }
}

/** `clusterrole.rbac.authorization.k8s.io "x" not found`: the singular comes from the lister upstream reads roles with. */
export const missingRole = (roleRef: BindingObject['roleRef']): string =>
  `${roleRef.kind === 'Role' ? 'role' : 'clusterrole'}.${GROUP} "${roleRef.name}" not found`;
