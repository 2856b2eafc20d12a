"""Lists the tests that failed: FILE METHOD RESULTS, one line a method, from the .trx files of a directory."""

import collections
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

NAMESPACE = {"t": "http://microsoft.com/schemas/VisualStudio/TeamTest/2010"}


def failed(path):
    root = ElementTree.parse(path).getroot()
    methods = {
        test.get("id"): (method.get("codeBase"), f"{method.get('className')}.{method.get('name').partition('(')[0]}")
        for test in root.iterfind(".//t:UnitTest", NAMESPACE)
        for method in test.iterfind("t:TestMethod", NAMESPACE)
    }
    results = root.iterfind(".//t:UnitTestResult[@outcome='Failed']", NAMESPACE)
    return [methods[result.get("testId")] for result in results]


counts = collections.Counter(test for path in sorted(pathlib.Path(sys.argv[1]).glob("*.trx")) for test in failed(path))
for (file, method), count in counts.items():
    print(file, method, count)
