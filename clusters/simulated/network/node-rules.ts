import type { PodSandboxes } from '../pods/sandbox.ts';
import { FollowedRules } from './followed-rules.ts';
import { hostPortTable } from './host-ports.ts';
import { podNetworkTables, waysFrom } from './pod-network-rules.ts';
import { policyRules, type PolicyWorld } from './policies/policy-rules.ts';
import type { ProxiedNode } from './proxied-node.ts';
import { type ProxyWorld, proxyTables, runsKubeProxy } from './services/proxy-rules.ts';
import { CANARY, restoreInput, type RuleTable } from './services/rule-tables.ts';

export interface NodeRulesRequest {
  readonly node: ProxiedNode;
  readonly nodes: readonly ProxiedNode[];
  readonly sandboxes: PodSandboxes;
  readonly services: () => Omit<ProxyWorld, 'node'>;
  readonly policies: () => PolicyWorld;
  /** Does it after so many milliseconds. */
  readonly after: (ms: number, what: () => void) => Disposable;
  readonly log: (line: string) => void;
}

/**
 * From the loss of the rules until they are there again, in milliseconds: kube-proxy looks for its canary every 30 seconds
 * (pkg/proxy/iptables/proxier.go, `syncPeriod`), and may do so right away.
 */
const NOTICED_MS = 1000;

/**
 * The rules of one node's network: those of its kube-proxy and of the pod network in its iptables, those of NetworkPolicies in a table of
 * nftables. They follow the cluster, and come back when somebody has flushed them away.
 */
export class NodeRules implements AsyncDisposable {
  readonly services: FollowedRules;
  readonly policies: FollowedRules;
  readonly #request: NodeRulesRequest;
  #watch: Disposable | undefined;
  #noticed: Disposable | undefined;

  constructor(request: NodeRulesRequest) {
    this.#request = request;
    const { node, nodes, sandboxes, services, policies, log } = request;
    const ofPods = podNetworkTables(node, nodes);
    const tables = (): readonly RuleTable[] => {
      const { pods } = policies();
      // Without a kube-proxy nobody touches what the last one left.
      const ofProxy = runsKubeProxy(pods, node.name) ? proxyTables({ ...services(), node: node.name }) : [];
      return [...ofProxy, ...ofPods, hostPortTable(pods, node.name)];
    };
    let isFirst = true;
    this.services = new FollowedRules({
      name: `services on ${node.name}`,
      rules: () => restoreInput(tables(), ''),
      set: async (fresh) => {
        const links = isFirst ? waysFrom(node, nodes) : '';
        const present = isFirst ? '' : await sandboxes.nodeRules(node.name);
        // What has changed meanwhile is set with it, and once more.
        const rules = present === '' ? fresh : restoreInput(tables(), present);
        await sandboxes.changeNodeNetwork(node.name, { links, rules, routesLoopback: true });
        isFirst = false;
      },
      log,
    });
    this.policies = new FollowedRules({
      name: `network policies on ${node.name}`,
      rules: () => policyRules(policies(), node.podCIDR),
      set: (rules) => sandboxes.setRules(node.name, rules),
      nothing: policyRules({ policies: [], pods: [], namespaces: [] }, node.podCIDR),
      log,
    });
  }

  /** Resolves once what holds now is in force. */
  async begin(): Promise<void> {
    const { node, sandboxes, after } = this.#request;
    await sandboxes.makeNode(node.name, node.address);
    await Promise.all([this.services.begin(), this.policies.begin()]);
    this.#watch = await sandboxes.watchRules(node.name, CANARY, () => {
      this.#noticed?.[Symbol.dispose]();
      this.#noticed = after(NOTICED_MS, () => {
        this.services.renew();
        this.policies.renew();
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch?.[Symbol.dispose]();
    this.#noticed?.[Symbol.dispose]();
    await Promise.all([this.services.settled(), this.policies.settled()]);
  }
}
