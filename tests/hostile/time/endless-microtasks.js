// expect: timedOut
// limit: time=300ms
const spin = () => Promise.resolve().then(spin); await spin()
