// The systems that GAN-DL is compared with.
export { type IntensityOptions, type IntensityProgress, intensityProfiles, intensityStatistics } from "./intensity.ts";
