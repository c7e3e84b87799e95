import { describe, expect, it } from 'vitest';
import type { Namespace, NetworkPolicy, Pod } from '../../kubernetes/model/generated/objects.ts';
import { policyRules } from './policy-rules.ts';

const pod = (name: string, podIP: string, fields: { spec?: object; phase?: string } = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: name } },
  spec: { containers: [], ...fields.spec },
  status: { podIP, hostIP: '10.10.0.11', phase: fields.phase ?? 'Running' },
});
const policy = (spec: object): NetworkPolicy =>
  ({ metadata: { name: 'p', namespace: 'shop' }, spec }) as unknown as NetworkPolicy;
const NAMESPACES = [{ metadata: { name: 'shop' } }] as unknown as readonly Namespace[];
const rules = (pods: readonly Pod[], ...policies: readonly NetworkPolicy[]): string =>
  policyRules({ policies, pods, namespaces: NAMESPACES });

describe('the rules of NetworkPolicies', () => {
  it('judge no pod that no policy selects', () => {
    const text = rules([pod('web', '10.244.1.5')], policy({ podSelector: { matchLabels: { app: 'db' } } }));
    expect(text).not.toContain('drop');
  });

  it.each([
    ['shares the network of its node', { spec: { hostNetwork: true } }],
    ['has ended', { phase: 'Succeeded' }],
  ])('judge no pod that %s', (_, fields) => {
    expect(rules([pod('web', '10.10.0.11', fields)], policy({ podSelector: {} }))).not.toContain('drop');
  });

  it('take nothing for an address that is none', () => {
    expect(rules([pod('web', '1.2.3.4; flush ruleset')], policy({ podSelector: {} }))).not.toContain('flush');
  });

  it('judge an address once, whoever else claims to have it', () => {
    const text = rules([pod('old', '10.244.1.5'), pod('web', '10.244.1.5')], policy({ podSelector: {} }));
    expect(text.match(/10\.244\.1\.5 : /g)).toHaveLength(1);
  });

  it('leave out blocks of version 6, which no pod has an address of', () => {
    const from = [{ ipBlock: { cidr: '2001:db8::/32' } }];
    const text = rules([pod('web', '10.244.1.5')], policy({ podSelector: {}, ingress: [{ from }] }));
    expect(text).toContain('chain ingress-policy-0 {\n  }');
  });

  it('are about what arrives unless a policy says what it is about, or what may leave', () => {
    const web = [pod('web', '10.244.1.5')];
    expect(rules(web, policy({ podSelector: {} }))).not.toContain('chain egress');
    expect(rules(web, policy({ podSelector: {}, egress: [{}] }))).toContain('chain egress-0');
    expect(rules(web, policy({ podSelector: {}, policyTypes: ['Egress'] }))).not.toContain('chain ingress');
  });

  it('are made in no time for a hundred pods and fifty policies', () => {
    const pods = Array.from({ length: 100 }, (_, i) => pod(`pod${i}`, `10.244.1.${i + 2}`));
    const policies = Array.from({ length: 50 }, (_, i) =>
      policy({ podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: { app: `pod${i}` } } }] }] }),
    );
    const text = rules(pods, ...policies);
    // Pods that the same policies select are judged by one chain.
    expect(text.match(/chain ingress-\d+ /g)).toHaveLength(1);
    expect(text.length).toBeLessThan(20_000);
  });
});
