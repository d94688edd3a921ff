// expect: stopped
const deep = '('.repeat(200000) + '1' + ')'.repeat(200000); new Function('return ' + deep)
