# expect: stopped
# limit: memory=96MiB
import xml.etree.ElementTree as tree
entities = ''.join(f'<!ENTITY l{n} "{("&l" + str(n - 1) + ";") * 10}">' for n in range(1, 12))
tree.fromstring(f'<!DOCTYPE x [<!ENTITY l0 "lol">{entities}]><x>&l11;</x>')
