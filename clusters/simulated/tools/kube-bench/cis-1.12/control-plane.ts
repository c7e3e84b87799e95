import { commandLine } from '../audits.ts';
import { all, flag, type Check, type Group } from '../benchmark.ts';

const notForUsers = (id: string, what: string, instead: string): Check => ({
  id,
  text: `${what} authentication should not be used for users (Manual)`,
  remediation: `Alternative mechanisms provided by Kubernetes such as the use of OIDC should be implemented\nin place of ${instead}.\n`,
});

/** Section 3 (kube-bench, cfg/cis-1.12/controlplane.yaml). */
export const CONTROL_PLANE: readonly Group[] = [
  {
    id: '3.1',
    text: 'Authentication and Authorization',
    checks: [
      notForUsers('3.1.1', 'Client certificate', 'client certificates'),
      notForUsers('3.1.2', 'Service account token', 'service account tokens'),
      notForUsers('3.1.3', 'Bootstrap token', 'bootstrap tokens'),
    ],
  },
  {
    id: '3.2',
    text: 'Logging',
    checks: [
      {
        id: '3.2.1',
        text: 'Ensure that a minimal audit policy is created (Manual)',
        audit: commandLine('kube-apiserver'),
        tests: all(flag('--audit-policy-file')),
        remediation: 'Create an audit policy file for your cluster.\n',
      },
      {
        id: '3.2.2',
        text: 'Ensure that the audit policy covers key security concerns (Manual)',
        remediation:
          'Review the audit policy provided for the cluster and ensure that it covers\nat least the following areas,\n- Access to Secrets managed by the cluster. Care should be taken to only\n  log Metadata for requests to Secrets, ConfigMaps, and TokenReviews, in\n  order to avoid risk of logging sensitive data.\n- Modification of Pod and Deployment objects.\n- Use of `pods/exec`, `pods/portforward`, `pods/proxy` and `services/proxy`.\nFor most requests, minimally logging at the Metadata level is recommended\n(the most basic level of logging).\n',
      },
    ],
  },
];
