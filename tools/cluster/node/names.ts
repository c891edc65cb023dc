/** The node's name, as Kubernetes knows it. */
export const NODE = 'kinora';
export const NODE_IP = '10.250.0.1';
export const PODS_CIDR = '10.244.0.0/24';
export const SERVICES_CIDR = '10.96.0.0/16';
export const DNS_IP = '10.96.0.10';
export const API_PORT = 6443;
/** Where Debian's containernetworking-plugins lie. */
export const CNI_PLUGINS = '/usr/lib/cni';
/** The image of the container that holds a pod's network open. */
export const PAUSE_IMAGE = 'kinora/pause:1';
/** As in addons.yaml. */
export const COREDNS_IMAGE = 'kinora/coredns:1';
