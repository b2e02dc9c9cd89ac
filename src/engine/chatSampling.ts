/** How our own engine chooses the tokens of an answer, beside the temperature, which depends on the model. */
export const chatSampling = { topP: 0.95, topK: 40, minP: 0.05 } as const;
