/** An egress rule beside those that follow from the registries and the Pushgateway. */
export interface EgressRule {
  /**
   * As `192.0.2.0/24`.
   * @default anywhere
   */
  readonly cidr?: string;
  readonly port: number;
  /** @default TCP */
  readonly protocol?: "TCP" | "UDP";
}
