// expect: ok
console.log('\ud800'); '\udfff'
