/** What takes the place of the Docker socket, for programs that are known to ask for it. */
const replacements: [RegExp, string][] = [
  [/traefik/, 'Let the cluster\'s ingress controller route, or give Traefik its kubernetesCRD provider and a ServiceAccount.'],
  [/portainer/, 'Install the Portainer agent for Kubernetes (Helm chart portainer/portainer).'],
  [/dozzle/, 'Set DOZZLE_MODE=k8s and give Dozzle a ServiceAccount that may read pods and their logs.'],
  [/watchtower|diun|ouroboros|wud|what-s-up|tugtainer/, 'Leave it out: new images are rolled out by a deployment, or by Keel or Flux image automation.'],
  [/uptime-kuma|gatus/, 'Leave the mount out and monitor Services over HTTP or TCP instead of containers.'],
  [/beszel/, 'Run the Beszel agent as a DaemonSet; container figures come from the node, not from the socket.'],
  [/glances|netdata|cadvisor/, 'Run it as a DaemonSet with the paths of the node; containers are seen through the kubelet.'],
  [/homepage|homarr|dashy|flame/, 'Use its Kubernetes integration (for Homepage: kubernetes.yaml with mode: cluster), or leave the mount out.'],
  [/gitea\/act_runner|act_runner|forgejo-runner|gitlab-runner|github-runner|actions-runner|drone|woodpecker/, 'Use the runner\'s Kubernetes executor, or a docker:dind sidecar that runs privileged.'],
  [/promtail|alloy|fluent|vector|filebeat|loki/, 'Run the collector as a DaemonSet that reads /var/log/pods.'],
  [/nginx-proxy|acme-companion|caddy-docker-proxy|swag/, 'Let the cluster\'s ingress controller and cert-manager do it.'],
  [/docker-socket-proxy/, 'Leave it out, with what asks it.'],
  [/windmill|n8n|coder|appwrite|openruntimes|sandbox|code-server|e2b|dify|openhands|langflow/, 'What starts containers on demand needs its own Kubernetes executor; without it the rest of the program runs.'],
];

/** Advice for a service that mounts the Docker socket. */
export function dockerSocketFix(image: string): string {
  return replacements.find(([pattern]) => pattern.test(image.toLowerCase()))?.[1] ?? 'Use the program\'s own Kubernetes support, or keep this service in Docker.';
}
