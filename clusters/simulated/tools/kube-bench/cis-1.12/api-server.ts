import { commandLine } from '../audits.ts';
import { all, any, flag, type Audit, type Check, type Group, type Tests } from '../benchmark.ts';
import { wordAfter } from '../node-state.ts';

const audit = commandLine('kube-apiserver');
const FILE = 'the API server pod specification file $apiserverconf\non the control plane node and';
const EDIT = `Edit ${FILE}`;
const SET = `${EDIT} set the below parameter.\n`;
const TLS = 'Follow the Kubernetes documentation and set up the TLS connection';
const ENCRYPTION = 'Follow the Kubernetes documentation and configure a EncryptionConfig file.\n';

const check = (id: number, text: string, tests: Tests, remediation: string): Check => ({
  id: `1.2.${id}`,
  text,
  audit,
  tests,
  remediation: `${remediation}\n`,
});
const plugins = (op: 'has' | 'nothave', name: string) => flag('--enable-admission-plugins', op, name);
const notDisabled = (name: string): Tests =>
  any(flag('--disable-admission-plugins', 'nothave', name), flag('--disable-admission-plugins', 'unset'));

/** The word after the first `providers:` of the file that the API server was given. */
const firstProvider: Audit = {
  command:
    "grep -A1 'providers:' $ENCRYPTION_PROVIDER_CONFIG | tail -n1 | grep -o \"[A-Za-z]*\" | sed 's/^/provider=/'",
  output({ processes, texts }) {
    const path = wordAfter(processes.get('kube-apiserver'), '--encryption-provider-config');
    const lines = (texts.get(path ?? '') ?? '').split('\n');
    const at = lines.findLastIndex((line) => line.includes('providers:'));
    return (lines[at + 1]?.match(/[A-Za-z]+/g) ?? []).map((word) => `provider=${word}`).join('\n');
  },
};

const CIPHERS =
  'TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256';

/** Section 1.2 (kube-bench, cfg/cis-1.12/master.yaml). */
export const API_SERVER: Group = {
  id: '1.2',
  text: 'API Server',
  checks: [
    check(
      1,
      'Ensure that the --anonymous-auth argument is set to false (Manual)',
      all(flag('--anonymous-auth', 'eq', 'false')),
      `${SET}--anonymous-auth=false`,
    ),
    check(
      2,
      'Ensure that the --token-auth-file parameter is not set (Automated)',
      all(flag('--token-auth-file', 'unset')),
      `Follow the documentation and configure alternate mechanisms for authentication. Then,\nedit ${FILE} remove the --token-auth-file=<filename> parameter.`,
    ),
    check(
      3,
      'Ensure that the --DenyServiceExternalIPs is set (Manual)',
      all(plugins('has', 'DenyServiceExternalIPs')),
      `${EDIT} add the \`DenyServiceExternalIPs\` plugin\nto the enabled admission plugins, as such --enable-admission-plugin=DenyServiceExternalIPs.`,
    ),
    check(
      4,
      'Ensure that the --kubelet-client-certificate and --kubelet-client-key arguments are set as appropriate (Automated)',
      all(flag('--kubelet-client-certificate'), flag('--kubelet-client-key')),
      `${TLS} between the\napiserver and kubelets. Then, edit API server pod specification file\n$apiserverconf on the control plane node and set the\nkubelet client certificate and key parameters as below.\n--kubelet-client-certificate=<path/to/client-certificate-file>\n--kubelet-client-key=<path/to/client-key-file>`,
    ),
    check(
      5,
      'Ensure that the --kubelet-certificate-authority argument is set as appropriate (Automated)',
      all(flag('--kubelet-certificate-authority')),
      `${TLS} between\nthe apiserver and kubelets. Then, edit the API server pod specification file\n$apiserverconf on the control plane node and set the\n--kubelet-certificate-authority parameter to the path to the cert file for the certificate authority.\n--kubelet-certificate-authority=<ca-string>`,
    ),
    check(
      6,
      'Ensure that the --authorization-mode argument is not set to AlwaysAllow (Automated)',
      all(flag('--authorization-mode', 'nothave', 'AlwaysAllow')),
      `${EDIT} set the --authorization-mode parameter to values other than AlwaysAllow.\nOne such example could be as below.\n--authorization-mode=RBAC`,
    ),
    check(
      7,
      'Ensure that the --authorization-mode argument includes Node (Automated)',
      all(flag('--authorization-mode', 'has', 'Node')),
      `${EDIT} set the --authorization-mode parameter to a value that includes Node.\n--authorization-mode=Node,RBAC`,
    ),
    check(
      8,
      'Ensure that the --authorization-mode argument includes RBAC (Automated)',
      all(flag('--authorization-mode', 'has', 'RBAC')),
      `${EDIT} set the --authorization-mode parameter to a value that includes RBAC,\nfor example \`--authorization-mode=Node,RBAC\`.`,
    ),
    check(
      9,
      'Ensure that the admission control plugin EventRateLimit is set (Manual)',
      all(plugins('has', 'EventRateLimit')),
      'Follow the Kubernetes documentation and set the desired limits in a configuration file.\nThen, edit the API server pod specification file $apiserverconf\nand set the below parameters.\n--enable-admission-plugins=...,EventRateLimit,...\n--admission-control-config-file=<path/to/configuration/file>',
    ),
    check(
      10,
      'Ensure that the admission control plugin AlwaysAdmit is not set (Automated)',
      any(plugins('nothave', 'AlwaysAdmit'), flag('--enable-admission-plugins', 'unset')),
      `${EDIT} either remove the --enable-admission-plugins parameter, or set it to a\nvalue that does not include AlwaysAdmit.`,
    ),
    check(
      11,
      'Ensure that the admission control plugin AlwaysPullImages is set (Manual)',
      all(plugins('has', 'AlwaysPullImages')),
      `${EDIT} set the --enable-admission-plugins parameter to include\nAlwaysPullImages.\n--enable-admission-plugins=...,AlwaysPullImages,...`,
    ),
    check(
      12,
      'Ensure that the admission control plugin ServiceAccount is set (Automated)',
      notDisabled('ServiceAccount'),
      `Follow the documentation and create ServiceAccount objects as per your environment.\nThen, edit ${FILE} ensure that the --disable-admission-plugins parameter is set to a\nvalue that does not include ServiceAccount.`,
    ),
    check(
      13,
      'Ensure that the admission control plugin NamespaceLifecycle is set (Automated)',
      notDisabled('NamespaceLifecycle'),
      `${EDIT} set the --disable-admission-plugins parameter to\nensure it does not include NamespaceLifecycle.`,
    ),
    check(
      14,
      'Ensure that the admission control plugin NodeRestriction is set (Automated)',
      all(plugins('has', 'NodeRestriction')),
      `Follow the Kubernetes documentation and configure NodeRestriction plug-in on kubelets.\nThen, edit ${FILE} set the --enable-admission-plugins parameter to a\nvalue that includes NodeRestriction.\n--enable-admission-plugins=...,NodeRestriction,...`,
    ),
    check(
      15,
      'Ensure that the --profiling argument is set to false (Automated)',
      all(flag('--profiling', 'eq', 'false')),
      `${SET}--profiling=false`,
    ),
    check(
      16,
      'Ensure that the --audit-log-path argument is set (Automated)',
      all(flag('--audit-log-path')),
      `${EDIT} set the --audit-log-path parameter to a suitable path and\nfile where you would like audit logs to be written, for example,\n--audit-log-path=/var/log/apiserver/audit.log`,
    ),
    check(
      17,
      'Ensure that the --audit-log-maxage argument is set to 30 or as appropriate (Automated)',
      all(flag('--audit-log-maxage', 'gte', '30')),
      `${EDIT} set the --audit-log-maxage parameter to 30\nor as an appropriate number of days, for example,\n--audit-log-maxage=30`,
    ),
    check(
      18,
      'Ensure that the --audit-log-maxbackup argument is set to 10 or as appropriate (Automated)',
      all(flag('--audit-log-maxbackup', 'gte', '10')),
      `${EDIT} set the --audit-log-maxbackup parameter to 10 or to an appropriate\nvalue. For example,\n--audit-log-maxbackup=10`,
    ),
    check(
      19,
      'Ensure that the --audit-log-maxsize argument is set to 100 or as appropriate (Automated)',
      all(flag('--audit-log-maxsize', 'gte', '100')),
      `${EDIT} set the --audit-log-maxsize parameter to an appropriate size in MB.\nFor example, to set it as 100 MB, --audit-log-maxsize=100`,
    ),
    {
      id: '1.2.20',
      text: 'Ensure that the --request-timeout argument is set as appropriate (Manual)',
      remediation:
        'Edit the API server pod specification file $apiserverconf\nand set the below parameter as appropriate and if needed.\nFor example, --request-timeout=300s\n',
    },
    check(
      21,
      'Ensure that the --service-account-lookup argument is set to true (Automated)',
      any(flag('--service-account-lookup', 'unset'), flag('--service-account-lookup', 'eq', 'true')),
      `${SET}--service-account-lookup=true\nAlternatively, you can delete the --service-account-lookup parameter from this file so\nthat the default takes effect.`,
    ),
    check(
      22,
      'Ensure that the --service-account-key-file argument is set as appropriate (Automated)',
      all(flag('--service-account-key-file')),
      `${EDIT} set the --service-account-key-file parameter\nto the public key file for service accounts. For example,\n--service-account-key-file=<filename>`,
    ),
    check(
      23,
      'Ensure that the --etcd-certfile and --etcd-keyfile arguments are set as appropriate (Automated)',
      all(flag('--etcd-certfile'), flag('--etcd-keyfile')),
      `${TLS} between the apiserver and etcd.\nThen, edit ${FILE} set the etcd certificate and key file parameters.\n--etcd-certfile=<path/to/client-certificate-file>\n--etcd-keyfile=<path/to/client-key-file>`,
    ),
    check(
      24,
      'Ensure that the --tls-cert-file and --tls-private-key-file arguments are set as appropriate (Automated)',
      all(flag('--tls-cert-file'), flag('--tls-private-key-file')),
      `${TLS} on the apiserver.\nThen, edit ${FILE} set the TLS certificate and private key file parameters.\n--tls-cert-file=<path/to/tls-certificate-file>\n--tls-private-key-file=<path/to/tls-key-file>`,
    ),
    check(
      25,
      'Ensure that the --client-ca-file argument is set as appropriate (Automated)',
      all(flag('--client-ca-file')),
      `${TLS} on the apiserver.\nThen, edit ${FILE} set the client certificate authority file.\n--client-ca-file=<path/to/client-ca-file>`,
    ),
    check(
      26,
      'Ensure that the --etcd-cafile argument is set as appropriate (Automated)',
      all(flag('--etcd-cafile')),
      `${TLS} between the apiserver and etcd.\nThen, edit ${FILE} set the etcd certificate authority file parameter.\n--etcd-cafile=<path/to/ca-file>`,
    ),
    check(
      27,
      'Ensure that the --encryption-provider-config argument is set as appropriate (Manual)',
      all(flag('--encryption-provider-config')),
      `${ENCRYPTION}Then, edit ${FILE} set the --encryption-provider-config parameter to the path of that file.\nFor example, --encryption-provider-config=</path/to/EncryptionConfig/File>`,
    ),
    {
      id: '1.2.28',
      text: 'Ensure that encryption providers are appropriately configured (Manual)',
      audit: firstProvider,
      tests: all(flag('provider', 'valid_elements', 'aescbc,kms,secretbox')),
      remediation: `${ENCRYPTION}In this file, choose aescbc, kms or secretbox as the encryption provider.\n`,
    },
    check(
      29,
      'Ensure that the API Server only makes use of Strong Cryptographic Ciphers (Manual)',
      all(flag('--tls-cipher-suites', 'valid_elements', CIPHERS)),
      `${SET}--tls-cipher-suites=${CIPHERS}`,
    ),
    check(
      30,
      'Ensure that the --service-account-extend-token-expiration parameter is set to false (Automated)',
      all(flag('--service-account-extend-token-expiration', 'eq', 'false')),
      `${EDIT} set the --service-account-extend-token-expiration parameter to false.\n\`--service-account-extend-token-expiration=false\`\nBy default, this parameter is set to true.`,
    ),
  ],
};
