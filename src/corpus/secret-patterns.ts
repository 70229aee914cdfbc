/** Keys and tokens whose form is public. What has a check sum or a shape of its own, as a card number, is in other files. */
export interface SecretPattern {
  /** How it is counted. */
  readonly kind: string;
  readonly what: string;
  /**
   * Each text with such a secret holds one of these. Looking for them is faster than matching, the more so the rarer their
   * first character is in prose: hence a mere `_`.
   */
  readonly hints: readonly string[];
  /**
   * And each holds a pair of adjacent characters, the first of these and the second of those, which `glance.ts` looks for.
   * It is the rarest pair of the form; a form of common letters only has none.
   */
  readonly pair: readonly [string, string] | undefined;
  /**
   * Global. Its first group is what stays, the rest of the match is masked. Repetitions have an upper bound, so that the
   * time is in proportion to the text, and what stands before is looked at after the prefix, which is quickly found.
   */
  readonly pattern: RegExp;
  /** Public documentation of the form. */
  readonly source: string;
}

export const secretPatterns: readonly SecretPattern[] = [
  {
    kind: "aws-key",
    what: "access key id of Amazon Web Services, long-lived or temporary",
    hints: ["AKIA", "ASIA"],
    pair: ["KS", "I"],
    pattern: /(A[KS]IA)(?<![A-Za-z0-9]\1)[A-Z2-7]{16}(?![A-Za-z0-9])/g,
    source: "AWS Identity and Access Management User Guide: IAM identifiers, unique ID prefixes",
  },
  {
    kind: "github-token",
    what: "token of GitHub: personal, OAuth, user, server or refresh",
    hints: ["_"],
    pair: ["opusrt", "_"],
    pattern: /(gh[opusr]_|github_pat_)(?<![A-Za-z0-9]\1)[A-Za-z0-9_]{22,255}/g,
    source: "GitHub Docs: About authentication to GitHub, GitHub's token formats",
  },
  {
    kind: "gitlab-token",
    what: "token of GitLab: personal, deploy, runner, trigger and others",
    hints: ["-"],
    pair: ["trs", "-"],
    pattern: /(gl(?:pat|dt|rtr?|cbt|ptt|ft|imt|agent|oas|soat)-)(?<![A-Za-z0-9]\1)[A-Za-z0-9_.-]{20,128}/g,
    source: "GitLab Docs: Token overview, token prefixes",
  },
  {
    kind: "slack-token",
    what: "token of Slack",
    hints: ["xox", "xapp-"],
    pair: ["x", "oa"],
    pattern: /(xox[abeoprs](?:\.xox[bp])?-|xapp-)(?<![A-Za-z0-9]\1)[A-Za-z0-9-]{10,255}/g,
    source: "Slack developer docs: Tokens, token types",
  },
  {
    kind: "stripe-key",
    what: "secret or restricted key of Stripe, or its signing secret of a webhook",
    hints: ["_"],
    pair: ["kc", "_"],
    pattern: /([sr]k_(?:live|test)_|whsec_)(?<![A-Za-z0-9]\1)[A-Za-z0-9]{16,255}/g,
    source: "Stripe Docs: API keys, key types and prefixes",
  },
  {
    kind: "google-key",
    what: "API key of Google Cloud, or a client secret of its OAuth",
    hints: ["AIza", "GOCSPX-"],
    pair: ["IP", "zX"],
    pattern: /(AIza(?=[\w-]{35})|GOCSPX-(?=[\w-]{28}))(?<![A-Za-z0-9]\1)[\w-]{28,35}/g,
    source: "Google Cloud documentation: Manage API keys; Set up OAuth 2.0",
  },
  {
    kind: "sk-key",
    what: "key of OpenAI, Anthropic and services that took over their form",
    hints: ["k-"],
    pair: ["k", "-"],
    // Digits and capitals, which no name of words with hyphens has.
    pattern:
      /(sk-(?<![\w-]sk-)(?=[\w-]{0,64}\d)(?=[\w-]{0,64}[A-Z])(?:ant-(?:api|admin)\d\d-|proj-|svcacct-)?)[\w-]{20,255}/g,
    source: "OpenAI API reference: Authentication; Anthropic API documentation: Authentication",
  },
  {
    kind: "npm-token",
    what: "access token of npm",
    hints: ["_"],
    pair: ["m", "_"],
    pattern: /(npm_)(?<![A-Za-z0-9]\1)[A-Za-z0-9]{36}(?![A-Za-z0-9])/g,
    source: "npm Docs: About access tokens; GitHub changelog of 2021-09-23, npm's new token format",
  },
  {
    kind: "hugging-face-token",
    what: "user or organisation token of Hugging Face",
    hints: ["_"],
    pair: ["fg", "_"],
    pattern: /(hf_|api_org_)(?<![A-Za-z0-9]\1)[A-Za-z0-9]{30,64}(?![A-Za-z0-9])/g,
    source: "Hugging Face Hub documentation: User access tokens",
  },
  {
    kind: "jwt",
    what: "JSON Web Token: header and claims are JSON objects in base64url, hence the letters at their beginning",
    hints: ["yJ"],
    pair: ["y", "J"],
    pattern: /(eyJ)(?<![\w-]eyJ)[\w-]{8,4096}\.eyJ[\w-]{8,8192}\.[\w-]{16,2048}/g,
    source: "RFC 7519, section 3",
  },
  {
    kind: "bearer-token",
    what: "token in an Authorization header",
    hints: ["Bearer ", "bearer ", "BEARER "],
    pair: undefined,
    pattern: /(bearer {1,4}(?=[\w.~+/-]{0,64}\d))[\w.~+/-]{20,2048}/gi,
    source: "RFC 6750, section 2.1",
  },
  {
    kind: "url-password",
    what: "password in a URL",
    hints: ["://"],
    pair: [":", "/"],
    // Not a placeholder such as `$PASSWORD` or `{password}`.
    pattern: /(:\/\/[^\s/?#:@"'`<>]{0,128}:)[^\s/?#@"'`<>${}]{1,128}(?=@[\w.[-])/g,
    source: "RFC 3986, section 3.2.1",
  },
];
