module nearput.test/external/versitygw

go 1.26

require github.com/versity/versitygw v1.7.0
