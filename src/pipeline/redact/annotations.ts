/**
 * Which annotations hold values of their object, told by their names alone.
 *
 * A name says the same at every version and in every body: what is shown does not come and go with what stands beside it,
 * and a patch is redacted as the object that it makes.
 */

/**
 * What was applied: kubectl's and Banzai Cloud's (last-applied), kopf's (last-handled), kapp's (original, original-diff),
 * Rancher's (applied).
 */
const APPLIED = /^(?:[^/]*\/)?(?:applied|original|last-applied|last-handled)(?:[-.][^/]*)?$/;

/** Whether an annotation holds its object as somebody applied it. */
export function isApplied(name: string): boolean {
  return APPLIED.test(name);
}

/**
 * Who writes references, times and switches only: Kubernetes and its projects, Helm, cert-manager, Argo CD, Flux, and those
 * that copy, seal or generate Secrets (they write of which, and when).
 */
const HARMLESS: ReadonlySet<string> = new Set([
  'kubernetes.io',
  'helm.sh',
  'meta.helm.sh',
  'cert-manager.io',
  'argocd.argoproj.io',
  'service.beta.openshift.io',
  'sealedsecrets.bitnami.com',
  'replicator.v1.mittwald.de',
  'reflector.v1.k8s.emberstack.com',
]);
const HARMLESS_BELOW: readonly string[] = ['.kubernetes.io', '.k8s.io', '.cert-manager.io', '.fluxcd.io'];
/** What configures a proxy may quote a password (`nginx.ingress.kubernetes.io/configuration-snippet`). */
const CONFIGURATION = /(?:^|\.)ingress\.kubernetes\.io$/;

/** Whether an annotation of an object whose values are not kept may be kept. */
export function isHarmlessAnnotation(name: string): boolean {
  const slash = name.indexOf('/');
  if (slash === -1 || isApplied(name)) return false;
  const domain = name.slice(0, slash);
  if (HARMLESS.has(domain)) return true;
  return HARMLESS_BELOW.some((suffix) => domain.endsWith(suffix)) && !CONFIGURATION.test(domain);
}
