INSERT INTO `_promoted` (`run_number`, `run_id`) VALUES ({run:UInt32}, {id:String})
