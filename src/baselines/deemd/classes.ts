// The two classes that DEEMD learns, and its checkpoint's name.

/** The checkpoint's name in the work folder. */
export const DEEMD_STAGE = "deemd";
/** Infected and untreated; class 0 is mock and inactivated virus. */
export const INFECTED = 1;
export const N_CONTROL_CLASSES = 2;
