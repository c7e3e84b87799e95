import { commandLine, content } from '../audits.ts';
import { all, any, flag, inFile, type Check, type Group, type Tests } from '../benchmark.ts';

const audit = commandLine('kubelet');
const config = content('kubeletconf');

const check = (id: number, text: string, tests: Tests, remediation: string): Check => ({
  id: `4.2.${id}`,
  text,
  audit,
  config,
  tests,
  remediation: `${remediation}\n`,
});

const RESTART =
  '\nBased on your system, restart the kubelet service. For example,\nsystemctl daemon-reload\nsystemctl restart kubelet.service';
const SERVICE = 'edit the kubelet service file\n$kubeletsvc on each worker node and\n';
const eitherWay = (inConfig: string, onLine: string): string =>
  `If using a Kubelet config file, edit the file to set ${inConfig}.\nIf using command line arguments, ${SERVICE}${onLine}${RESTART}`;
const inArguments = (variable: string, ...lines: readonly string[]): string =>
  [`set the below parameter${lines.length > 1 ? 's' : ''} in ${variable} variable.`, ...lines].join('\n');

const ANONYMOUS = inFile('authentication.anonymous.enabled', flag('--anonymous-auth', 'eq', 'false'));
const MODE = inFile('authorization.mode', flag('--authorization-mode', 'nothave', 'AlwaysAllow'));

type Compared = 'eq' | 'noteq' | 'gte' | 'nothave';
/** Either as it should be, or left to its default. */
const orUnset = (path: string, name: string, op: Compared, value: string): Tests =>
  any(inFile(path, flag(name, op, value)), inFile(path, flag(name, 'unset')));

const CIPHERS =
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384';

/** Section 4.2 (kube-bench, cfg/cis-1.12/node.yaml). */
export const KUBELET: Group = {
  id: '4.2',
  text: 'Kubelet',
  checks: [
    check(
      1,
      'Ensure that the --anonymous-auth argument is set to false (Automated)',
      all(ANONYMOUS),
      eitherWay(
        '`authentication: anonymous: enabled` to\n`false`',
        inArguments('KUBELET_SYSTEM_PODS_ARGS', '`--anonymous-auth=false`'),
      ),
    ),
    check(
      2,
      'Ensure that the --authorization-mode argument is not set to AlwaysAllow (Automated)',
      all(MODE),
      eitherWay('`authorization.mode` to Webhook', inArguments('KUBELET_AUTHZ_ARGS', '--authorization-mode=Webhook')),
    ),
    check(
      3,
      'Ensure that the --client-ca-file argument is set as appropriate (Automated)',
      all(inFile('authentication.x509.clientCAFile', flag('--client-ca-file'))),
      eitherWay(
        '`authentication.x509.clientCAFile` to\nthe location of the client CA file',
        inArguments('KUBELET_AUTHZ_ARGS', '--client-ca-file=<path/to/client-ca-file>'),
      ),
    ),
    check(
      4,
      'Verify that if defined, the --read-only-port argument is set to 0 (Manual)',
      orUnset('readOnlyPort', '--read-only-port', 'eq', '0'),
      eitherWay('`readOnlyPort` to 0', inArguments('KUBELET_SYSTEM_PODS_ARGS', '--read-only-port=0')),
    ),
    check(
      5,
      'Ensure that the --streaming-connection-idle-timeout argument is not set to 0 (Manual)',
      orUnset('streamingConnectionIdleTimeout', '--streaming-connection-idle-timeout', 'noteq', '0'),
      eitherWay(
        '`streamingConnectionIdleTimeout` to a\nvalue other than 0',
        inArguments('KUBELET_SYSTEM_PODS_ARGS', '--streaming-connection-idle-timeout=5m'),
      ),
    ),
    check(
      6,
      'Ensure that the --make-iptables-util-chains argument is set to true (Automated)',
      orUnset('makeIPTablesUtilChains', '--make-iptables-util-chains', 'eq', 'true'),
      eitherWay(
        '`makeIPTablesUtilChains` to `true`',
        'remove the --make-iptables-util-chains argument from the\nKUBELET_SYSTEM_PODS_ARGS variable.',
      ),
    ),
    {
      id: '4.2.7',
      text: 'Ensure that the --hostname-override argument is not set (Manual)',
      audit,
      tests: all(flag('--hostname-override', 'unset')),
      remediation: `Edit the kubelet service file $kubeletsvc\non each worker node and remove the --hostname-override argument from the\nKUBELET_SYSTEM_PODS_ARGS variable.${RESTART}\n`,
    },
    check(
      8,
      'Ensure that the eventRecordQPS argument is set to a level which ensures appropriate event capture (Manual)',
      orUnset('eventRecordQPS', '--event-qps', 'gte', '0'),
      eitherWay('`eventRecordQPS` to an appropriate level', inArguments('KUBELET_SYSTEM_PODS_ARGS')),
    ),
    check(
      9,
      'Ensure that the --tls-cert-file and --tls-private-key-file arguments are set as appropriate (Manual)',
      all(inFile('tlsCertFile', flag('--tls-cert-file')), inFile('tlsPrivateKeyFile', flag('--tls-private-key-file'))),
      eitherWay(
        '`tlsCertFile` to the location\nof the certificate file to use to identify this Kubelet, and `tlsPrivateKeyFile`\nto the location of the corresponding private key file',
        inArguments(
          'KUBELET_CERTIFICATE_ARGS',
          '--tls-cert-file=<path/to/tls-certificate-file>',
          '--tls-private-key-file=<path/to/tls-key-file>',
        ),
      ),
    ),
    check(
      10,
      'Ensure that the --rotate-certificates argument is not set to false (Automated)',
      orUnset('rotateCertificates', '--rotate-certificates', 'eq', 'true'),
      eitherWay(
        '`rotateCertificates` to `true` or\nremove it altogether to use the default value',
        'remove --rotate-certificates=false argument from the KUBELET_CERTIFICATE_ARGS\nvariable.',
      ),
    ),
    check(
      11,
      'Verify that the RotateKubeletServerCertificate argument is set to true (Manual)',
      orUnset('featureGates.RotateKubeletServerCertificate', 'RotateKubeletServerCertificate', 'nothave', 'false'),
      `Edit the kubelet service file $kubeletsvc\non each worker node and ${inArguments('KUBELET_CERTIFICATE_ARGS', '--feature-gates=RotateKubeletServerCertificate=true')}${RESTART}`,
    ),
    check(
      12,
      'Ensure that the Kubelet only makes use of Strong Cryptographic Ciphers (Manual)',
      all(inFile('tlsCipherSuites', flag('--tls-cipher-suites', 'valid_elements', CIPHERS))),
      eitherWay(
        `\`tlsCipherSuites\` to\n${CIPHERS}\nor to a subset of these values`,
        `set the --tls-cipher-suites parameter as follows, or to a subset of these values.\n--tls-cipher-suites=${CIPHERS}`,
      ),
    ),
    check(
      13,
      'Ensure that a limit is set on pod PIDs (Manual)',
      all(inFile('podPidsLimit', flag('--pod-max-pids'))),
      'Decide on an appropriate level for this parameter and set it,\neither via the --pod-max-pids command line parameter or the PodPidsLimit configuration file setting.',
    ),
    check(
      14,
      'Ensure that the --seccomp-default parameter is set to true (Manual)',
      all(inFile('seccompDefault', flag('--seccomp-default'))),
      'Set the parameter, either via the --seccomp-default command line parameter or the\nseccompDefault configuration file setting.\nBy default the seccomp profile is not enabled.',
    ),
  ],
};

const METRICS = 'metricsBindAddress';

/** Section 4.3 (kube-bench, cfg/cis-1.12/node.yaml). */
export const KUBE_PROXY: Group = {
  id: '4.3',
  text: 'kube-proxy',
  checks: [
    {
      id: '4.3.1',
      text: 'Ensure that the kube-proxy metrics service is bound to localhost (Automated)',
      audit: commandLine('kube-proxy'),
      config: content('proxykubeconfig'),
      tests: any(
        inFile(METRICS, flag('--metrics-bind-address', 'has', '127.0.0.1')),
        inFile(METRICS, flag('--metrics-bind-address', 'unset')),
      ),
      remediation:
        'Modify or remove any values which bind the metrics service to a non-localhost address.\nThe default value is 127.0.0.1:10249.\n',
    },
  ],
};
