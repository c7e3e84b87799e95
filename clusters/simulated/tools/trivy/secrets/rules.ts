import type { Severity } from '../../../images/advisories/advisory.ts';

/** A kind of secret that a text may give away. */
export interface SecretRule {
  readonly id: string;
  readonly category: string;
  readonly title: string;
  readonly severity: Severity;
  /** What is to be hidden is its group `secret`. */
  readonly pattern: RegExp;
}

/** Something that stands alone, not within a longer word. */
const alone = (secret: string, flags = ''): RegExp =>
  new RegExp(`(?:^|[^0-9a-zA-Z])(?<secret>${secret})`, `gm${flags}`);

/** A part of trivy's rules with their ids, titles and severities (pkg/fanal/secret/builtin-rules.go). */
export const SECRET_RULES: readonly SecretRule[] = [
  {
    id: 'aws-access-key-id',
    category: 'AWS',
    title: 'AWS Access Key ID',
    severity: 'CRITICAL',
    pattern:
      /(?:^|["'\s=:,])(?<secret>(?:A3T[A-Z0-9]|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA)[A-Z0-9]{16})(?=["'\s,]|$)/gm,
  },
  {
    id: 'aws-secret-access-key',
    category: 'AWS',
    title: 'AWS Secret Access Key',
    severity: 'CRITICAL',
    pattern:
      /(?:^|["'\s])(?:aws)?_?(?:sec(?:ret)?)?_?(?:access)?_?key["']?\s{0,30}(?:=>|=|:)?\s{0,30}["']?(?<secret>[A-Za-z0-9/+=]{40})(?=["'\s,]|$)/gim,
  },
  {
    id: 'github-pat',
    category: 'GitHub',
    title: 'GitHub Personal Access Token',
    severity: 'CRITICAL',
    pattern: alone('ghp_[0-9a-zA-Z]{36}'),
  },
  {
    id: 'github-fine-grained-pat',
    category: 'GitHub',
    title: 'GitHub Fine-grained personal access tokens',
    severity: 'CRITICAL',
    pattern: /(?<secret>github_pat_[a-zA-Z0-9]{22}_[a-zA-Z0-9]{59})/g,
  },
  {
    id: 'gitlab-pat',
    category: 'GitLab',
    title: 'GitLab Personal Access Token',
    severity: 'CRITICAL',
    pattern: alone(String.raw`glpat-[0-9a-zA-Z\-_]{20}`),
  },
  {
    id: 'private-key',
    category: 'AsymmetricPrivateKey',
    title: 'Asymmetric Private Key',
    severity: 'HIGH',
    // Bounded, for a text full of beginnings has no end to look for.
    pattern:
      /-----BEGIN[ A-Z0-9_-]{0,40}PRIVATE KEY(?: BLOCK)?-----\s{0,10}(?<secret>[A-Za-z0-9=+/\\\s]{32,20000})-----END[ A-Z0-9_-]{0,40} PRIVATE KEY(?: BLOCK)?-----/g,
  },
  {
    id: 'slack-access-token',
    category: 'Slack',
    title: 'Slack token',
    severity: 'HIGH',
    pattern: alone('xox[baprs]-[0-9a-zA-Z]{10,48}'),
  },
  {
    id: 'slack-web-hook',
    category: 'Slack',
    title: 'Slack Webhook',
    severity: 'MEDIUM',
    pattern: /(?<secret>https:\/\/hooks\.slack\.com\/services\/[A-Za-z0-9+/]{44,48})/g,
  },
  {
    id: 'stripe-secret-token',
    category: 'Stripe',
    title: 'Stripe Secret Key',
    severity: 'CRITICAL',
    pattern: alone('sk_(?:test|live)_[0-9a-z]{10,32}', 'i'),
  },
  {
    id: 'gcp-service-account',
    category: 'Google',
    title: 'Google (GCP) Service-account',
    severity: 'CRITICAL',
    pattern: /(?<secret>"type": "service_account")/g,
  },
];

/** Files and secrets that are let pass (builtin-allow-rules.go). */
const ALLOWED_PATHS = [
  /^test|\/test|-test|_test|\.test/i,
  /example/,
  /\/vendor\//,
  /^usr\/(?:share|include|lib)\//,
  /\/locales?\//,
  /\.md$/,
];

/** `path` is relative to where the scan began. */
export const isAllowedPath = (path: string): boolean => ALLOWED_PATHS.some((pattern) => pattern.test(path));
export const isAllowedSecret = (secret: string): boolean => /example/i.test(secret);
