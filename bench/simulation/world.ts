import type { EstateShape } from "./estate-shape";
import { type Damage, plantDamage } from "./planted-damage";
import { type PushTraffic, pushEverySoOften } from "./push-traffic";
import { ServiceModel, type ServiceOptions } from "./service-model";
import { SimulatedRegistry } from "./simulated-registry";
import type { SimulatedWorld } from "./simulated-transport";
import { SyntheticEstate } from "./synthetic-estate";
import { VirtualClock } from "./virtual-clock";

export interface WorldOptions {
  readonly shape: EstateShape;
  readonly service: ServiceOptions;
  /** Objects damaged. */
  readonly damaged: number;
  readonly pushes: PushTraffic;
}

export interface World extends SimulatedWorld {
  readonly estate: SyntheticEstate;
  readonly planted: readonly Damage[];
}

const START_MS = Date.UTC(2026, 0, 1);

/** A registry, its clock, and what goes on in it. */
export function openWorld(options: WorldOptions): World {
  const estate = new SyntheticEstate(options.shape);
  const planted = plantDamage(estate, options.damaged);
  const world = {
    clock: new VirtualClock(START_MS),
    registry: new SimulatedRegistry(estate, planted),
    service: new ServiceModel(options.service),
    estate,
    planted,
  };
  pushEverySoOften(world, estate, planted, options.pushes);
  return world;
}
